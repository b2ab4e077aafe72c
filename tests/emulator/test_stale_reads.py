"""Reads that are late by a lag, and those that are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from botocore.exceptions import ClientError

from emulator.dynamodb.stale_reads import read_late
from tests.emulator.running import Running, embedded_aws, until

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE, INDEX = "late", "by-owner"


class Aws:
    """A running embedded AWS, and one client of its tables: making one takes longer than a call."""

    def __init__(self, running: Running) -> None:
        self.tables, self.state = running.client("dynamodb"), running.state


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with embedded_aws("stale-reads", "--read-lag-milliseconds", "2000") as running:
        made = Aws(running)
        made.tables.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "owner")],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": INDEX,
                    "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
        yield made


def put(aws: Aws, key: str, value: str) -> None:
    item = {"id": {"S": key}, "owner": {"S": "somebody"}, "value": {"S": value}}
    aws.tables.put_item(TableName=TABLE, Item=item)


def got(aws: Aws, key: str, *, strongly: bool = False) -> str | None:
    answer = aws.tables.get_item(TableName=TABLE, Key={"id": {"S": key}}, ConsistentRead=strongly)
    return str(answer["Item"]["value"]["S"]) if "Item" in answer else None


def indexed(aws: Aws) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = aws.tables.query(
        TableName=TABLE,
        IndexName=INDEX,
        KeyConditionExpression="#owner = :owner",
        ExpressionAttributeNames={"#owner": "owner"},
        ExpressionAttributeValues={":owner": {"S": "somebody"}},
    )["Items"]
    return items


def test_a_read_without_consistency_misses_what_was_just_written_and_has_it_later(aws: Aws) -> None:
    put(aws, "a", "1")
    put(aws, "a", "2")
    assert got(aws, "a") is None
    assert got(aws, "a", strongly=True) == "2"
    assert aws.tables.scan(TableName=TABLE)["Items"] == []
    assert indexed(aws) == []
    keys = {TABLE: {"Keys": [{"id": {"S": "a"}}]}}
    assert aws.tables.batch_get_item(RequestItems=keys)["Responses"][TABLE] == []
    told = aws.state()
    assert told["pending_reads"] > 0
    assert told["read_lag_milliseconds"] == 2000
    assert told["reads_answered_late"] > 0
    until(lambda: got(aws, "a") == "2")
    assert len(indexed(aws)) == 1
    assert aws.state()["pending_reads"] == 0


def test_a_change_and_a_deletion_are_late_too_and_nothing_is_lost_by_looking(aws: Aws) -> None:
    put(aws, "b", "1")
    until(lambda: got(aws, "b") == "1")
    put(aws, "b", "2")
    assert got(aws, "b") == "1"
    aws.tables.delete_item(TableName=TABLE, Key={"id": {"S": "b"}})
    assert got(aws, "b") == "1"
    assert got(aws, "b", strongly=True) is None
    until(lambda: got(aws, "b") is None)


def test_a_condition_sees_what_was_just_written(aws: Aws) -> None:
    put(aws, "c", "1")
    with pytest.raises(ClientError, match="ConditionalCheckFailedException"):
        aws.tables.put_item(TableName=TABLE, Item={"id": {"S": "c"}}, ConditionExpression="attribute_not_exists(id)")


@pytest.mark.parametrize("operation", ["query", "scan"])
def test_a_global_index_is_not_read_consistently(aws: Aws, operation: str) -> None:
    condition: dict[str, Any] = {
        "KeyConditionExpression": "#owner = :owner",
        "ExpressionAttributeNames": {"#owner": "owner"},
        "ExpressionAttributeValues": {":owner": {"S": "somebody"}},
    }
    with pytest.raises(ClientError, match="Consistent reads are not supported on global secondary indexes"):
        getattr(aws.tables, operation)(
            TableName=TABLE, IndexName=INDEX, ConsistentRead=True, **(condition if operation == "query" else {})
        )


def test_only_reads_that_ask_for_no_consistency_are_late() -> None:
    assert list(read_late("GetItem", {"TableName": "t"})) == ["t"]
    assert list(read_late("GetItem", {"TableName": "t", "ConsistentRead": True})) == []
    assert list(read_late("BatchGetItem", {"RequestItems": {"t": {"ConsistentRead": True}, "u": {}}})) == ["u"]
    assert list(read_late("PutItem", {"TableName": "t"})) == []
