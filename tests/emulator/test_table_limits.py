"""What DynamoDB refuses of items, expressions and tables: limits that its model does not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from botocore.exceptions import ClientError

from tests.emulator.running import EAST, WEST, Running, embedded_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = "limits"
KEY = {"id": {"S": "x"}}


@pytest.fixture(scope="module")
def aws() -> Iterator[Running]:
    with embedded_aws("table-limits") as running:
        running.table(TABLE, EAST)
        yield running


def item(**attributes: Any) -> dict[str, Any]:
    return {"Item": {**KEY, **attributes}}


WRITES = [{"PutRequest": {"Item": {"id": {"S": str(number)}}}} for number in range(26)]
READS = [{"id": {"S": str(number)}} for number in range(101)]
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("put_item", item(n={"N": "1" * 39}), "more than 38 significant digits"),
    ("put_item", item(n={"N": "1E126"}), "Number overflow"),
    ("put_item", item(n={"N": "1E-131"}), "Number underflow"),
    ("put_item", item(n={"N": "one"}), "cannot be converted to a numeric value"),
    ("put_item", item(big={"S": "x" * 409_600}), "Item size has exceeded the maximum allowed size"),
    ("put_item", {"Item": {"id": {"S": "x" * 2049}}}, "2048 bytes"),
    ("put_item", {"Item": {"id": {"S": ""}}}, "The AttributeValue for a key attribute cannot contain an empty string"),
    ("put_item", {"Item": {"id": {"N": "1"}}}, "Type mismatch for key id expected: S actual: N"),
    ("put_item", {"Item": {"other": {"S": "x"}}}, "Missing the key id in the item"),
    ("put_item", item(s={"SS": []}), "An string set  may not be empty"),
    ("put_item", item(s={"SS": ["a", "a"]}), "contains duplicates"),
    ("put_item", item() | {"ConditionExpression": "attribute_exists(name)"}, "reserved keyword: name"),
    (
        "put_item",
        item() | {"ConditionExpression": "attribute_exists(id)", "ExpressionAttributeNames": {"#n": "a"}},
        "Value provided in ExpressionAttributeNames unused in expressions: keys: {#n}",
    ),
    (
        "put_item",
        item() | {"ConditionExpression": "a = :x", "ExpressionAttributeValues": {":x": {"S": ""}, ":y": {"S": ""}}},
        "Value provided in ExpressionAttributeValues unused in expressions: keys: {:y}",
    ),
    ("put_item", item() | {"ConditionExpression": "a = :x"}, "An expression attribute value used in expression is not"),
    ("put_item", item() | {"ConditionExpression": "a ="}, "Syntax error"),
    (
        "update_item",
        {"Key": KEY, "UpdateExpression": "SET id = :x", "ExpressionAttributeValues": {":x": {"S": "y"}}},
        "Cannot update attribute id. This attribute is part of the key",
    ),
    ("get_item", {"Key": {**KEY, "more": {"S": "x"}}}, "The provided key element does not match the schema"),
    ("batch_write_item", {"RequestItems": {TABLE: WRITES}}, "less than or equal to 25"),
    ("batch_get_item", {"RequestItems": {TABLE: {"Keys": READS}}}, "less than or equal to 100"),
    ("batch_write_item", {"RequestItems": {TABLE: WRITES[:1] * 2}}, "Provided list of item keys contains duplicates"),
]


@pytest.mark.parametrize(("operation", "parameters", "said"), WRONG)
def test_what_dynamodb_does_not_take_is_refused(
    aws: Running, operation: str, parameters: dict[str, Any], said: str
) -> None:
    named = {} if operation.startswith("batch") else {"TableName": TABLE}
    with pytest.raises(ClientError) as refused:
        getattr(aws.client("dynamodb"), operation)(**named, **parameters)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert said in str(refused.value)


def test_a_page_holds_a_megabyte(aws: Running) -> None:
    aws.table("pages", EAST)
    tables = aws.client("dynamodb")
    for number in range(4):
        tables.put_item(TableName="pages", Item={"id": {"S": str(number)}, "big": {"S": "x" * 400_000}})
    pages = list(tables.get_paginator("scan").paginate(TableName="pages", ConsistentRead=True))
    sizes = [sum(len(each["big"]["S"]) for each in page["Items"]) for page in pages]
    assert sum(sizes) == 4 * 400_000
    assert max(sizes) <= 2**20


def test_one_replica_is_changed_in_an_update_and_the_mode_never(aws: Running) -> None:
    tables = aws.client("dynamodb")
    two = [{"Create": {"RegionName": region}} for region in (WEST, "us-east-2")]
    with pytest.raises(ClientError, match="one Create, Update or Delete"):
        tables.update_table(TableName=TABLE, ReplicaUpdates=two)
    tables.update_table(TableName=TABLE, ReplicaUpdates=two[:1])
    with pytest.raises(ClientError, match="MultiRegionConsistency of a table that has replicas cannot be changed"):
        tables.update_table(TableName=TABLE, ReplicaUpdates=two[1:], MultiRegionConsistency="STRONG")
