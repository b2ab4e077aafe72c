from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tandem_runtime.quarantine import Quarantine


class Table:
    """Refuses what DynamoDB's quotas and conditions refuse."""

    class exceptions:  # noqa: N801 - a client's name for it
        ClientError = ClientError

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}

    def put_item(self, *, TableName: str, Item: dict[str, Any], ConditionExpression: str) -> None:  # noqa: N803 - DynamoDB's names
        assert TableName == "operational"
        assert ConditionExpression == "attribute_not_exists(sk)"
        if Item["sk"]["S"] in self.items:
            raise ClientError({"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}}, "PutItem")
        assert len(Item["sk"]["S"].encode()) <= 1024
        assert sum(len(name) + len(value["S"].encode()) for name, value in Item.items()) <= 400 * 1024
        self.items[Item["sk"]["S"]] = Item


@pytest.mark.parametrize(
    "item",
    [
        {"pk": {"S": "transaction#" + "\u4e16" * 678}},
        {"pk": {"S": "transaction#1"}, "note": {"S": "\U0001f600" * 100_000}},
        {"pk": {"S": "transaction#1"}, "blob": {"B": b"\xff" * 300_000}},
        {"pk": {"S": "transaction#1"}, "note": {"S": "\ud800"}},
        {"pk": {"N": "7"}},
        {"pk": None},
        {},
    ],
)
def test_whatever_a_journal_item_holds_the_quarantine_takes_it_once(item: dict[str, Any]) -> None:
    table = Table()
    for _ in range(2):
        Quarantine(table, "operational", "us-east-1").keep(item, "reason " + "\u4e16\ud800" * 500)
    assert len(table.items) == 1


def test_stream_and_sweep_keep_an_item_with_bytes_once() -> None:
    table = Table()
    for blob in ("AAE=", b"\0\1"):
        Quarantine(table, "operational", "us-east-1").keep(
            {"pk": {"S": "transaction#1"}, "blob": {"B": blob}}, "malformed"
        )
    assert len(table.items) == 1


def test_an_item_keeps_the_time_and_region_it_was_first_put_there() -> None:
    table = Table()
    item = {"pk": {"S": "transaction#1"}}
    Quarantine(table, "operational", "us-east-1").keep(item, "first")
    [held] = [dict(each) for each in table.items.values()]
    Quarantine(table, "operational", "us-west-2").keep(item, "second")
    assert list(table.items.values()) == [held]
    assert (held["key"]["S"], held["region"]["S"], held["reason"]["S"]) == ("transaction#1", "us-east-1", "first")
    assert datetime.fromisoformat(held["quarantined_at"]["S"]).tzinfo is not None


def test_what_dynamodb_cannot_do_just_now_is_tried_again() -> None:
    class Throttled(Table):
        def put_item(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "PutItem")

    with pytest.raises(ClientError):
        Quarantine(Throttled(), "operational", "us-east-1").keep({"pk": {"S": "transaction#1"}}, "malformed")
