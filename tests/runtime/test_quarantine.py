from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tandem_runtime.shared.quarantine import Kept, Quarantine


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

    def update_item(
        self,
        *,
        TableName: str,  # noqa: N803 - DynamoDB's names
        Key: dict[str, Any],  # noqa: N803
        UpdateExpression: str,  # noqa: N803
        ConditionExpression: str = "",  # noqa: N803
        ExpressionAttributeValues: dict[str, Any] | None = None,  # noqa: N803
    ) -> None:
        assert TableName == "operational"
        name = Key["sk"]["S"]
        if ConditionExpression == "attribute_exists(sk)" and name not in self.items:
            raise ClientError({"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}}, "UpdateItem")
        item = self.items.setdefault(name, dict(Key))  # as DynamoDB does: what is not there is made
        if UpdateExpression.startswith("SET"):
            item["released_at"] = (ExpressionAttributeValues or {})[":at"]
        else:
            item.pop("released_at", None)


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


def test_what_was_removed_in_between_does_not_come_back_when_it_is_released_or_held() -> None:
    table = Table()
    quarantine = Quarantine(table, "operational", "us-east-1")
    quarantine.keep({"pk": {"S": "transaction#1"}}, "malformed")
    [name] = table.items
    now = datetime(2026, 1, 1, tzinfo=UTC)
    quarantine.release(Kept(name, "transaction#1"), now)
    assert table.items[name]["released_at"] == {"S": now.isoformat()}
    quarantine.hold(Kept(name, "transaction#1", now))
    assert "released_at" not in table.items[name]
    table.items.clear()
    quarantine.release(Kept(name, "transaction#1"), now)
    quarantine.hold(Kept(name, "transaction#1", now))
    assert table.items == {}


def test_an_update_that_dynamodb_refuses_for_another_reason_is_an_error() -> None:
    class Throttled(Table):
        def update_item(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "UpdateItem")

    with pytest.raises(ClientError):
        Quarantine(Throttled(), "operational", "us-east-1").hold(Kept("name", "transaction#1"))
