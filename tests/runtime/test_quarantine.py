from __future__ import annotations

from typing import Any

import pytest

from tandem_runtime.quarantine import Quarantine


class Table:
    """Refuses what DynamoDB's quotas refuse."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}

    def put_item(self, *, TableName: str, Item: dict[str, Any]) -> None:  # noqa: N803 - DynamoDB's names
        assert TableName == "operational"
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
        Quarantine(table, "operational").keep(item, "reason " + "\u4e16\ud800" * 500)
    assert len(table.items) == 1


def test_stream_and_sweep_keep_an_item_with_bytes_once() -> None:
    table = Table()
    for blob in ("AAE=", b"\0\1"):
        Quarantine(table, "operational").keep({"pk": {"S": "transaction#1"}, "blob": {"B": blob}}, "malformed")
    assert len(table.items) == 1
