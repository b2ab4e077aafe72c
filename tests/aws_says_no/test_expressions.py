"""DynamoDB's reserved words, in every expression that there is and in every place where one may stand."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.gates.expressions import refused
from tests.aws_says_no.test_requests import answered, refusing

TABLE = {"TableName": "orders"}
KEY = {"Key": {"pk": {"S": "x"}}}
CASES: list[tuple[str, dict[str, Any], str | None]] = [
    ("Query", {"KeyConditionExpression": "bucket = :b AND recorded_at >= :since"}, "bucket"),
    ("Query", {"KeyConditionExpression": "#bucket = :bucket AND at_minute BETWEEN :from AND :to"}, None),
    ("Query", {"KeyConditionExpression": "pk = :pk", "FilterExpression": "NOT Status IN (:a, :b)"}, "Status"),
    ("Scan", {"ProjectionExpression": "pk, #key, region"}, "region"),
    ("Scan", {"ProjectionExpression": "pk, details.name"}, "name"),
    ("Scan", {"ProjectionExpression": "details.name_of, list_of[0]"}, None),
    ("GetItem", {**KEY, "ProjectionExpression": "value"}, "value"),
    ("UpdateItem", {**KEY, "UpdateExpression": "SET said = :x, ttl = :t"}, "ttl"),
    (
        "UpdateItem",
        {**KEY, "UpdateExpression": "SET a = if_not_exists(a, :one) REMOVE b ADD c :one DELETE d :s"},
        None,
    ),
    ("PutItem", {"Item": {}, "ConditionExpression": "attribute_not_exists(pk) OR size(list_of) < :n"}, None),
    ("PutItem", {"Item": {}, "ConditionExpression": "size > :n"}, "size"),
    ("DeleteItem", {**KEY, "ConditionExpression": "attribute_exists(hash)"}, "hash"),
]


@pytest.mark.parametrize(("operation", "parameters", "word"), CASES)
def test_a_reserved_word_is_refused_as_a_name_and_taken_as_an_operator(
    operation: str, parameters: dict[str, Any], word: str | None
) -> None:
    error = answered("dynamodb", operation, {**TABLE, **parameters}, refusing()[1])
    if word is None:
        assert error is None
    else:
        assert "ValidationException" in str(error)
        assert f"reserved keyword: {word}" in str(error)


def test_parts_of_a_batch_and_of_a_transaction_are_looked_at_too() -> None:
    put = {"Put": {**TABLE, "Item": {}, "ConditionExpression": "attribute_not_exists(region)"}}
    assert refused({"TransactItems": [put]}) is not None
    assert refused({"RequestItems": {"orders": {"Keys": [], "ProjectionExpression": "pk, status"}}}) is not None
    assert refused({"RequestItems": {"orders": [{"PutRequest": {"Item": {}}}]}}) is None
