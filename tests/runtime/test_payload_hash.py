"""What a payload's hash covers is pinned: a retry is compared with what any earlier release recorded."""

from __future__ import annotations

from typing import Any

import pytest

from tandem_runtime.transactions.request import transaction_of
from tests.runtime.test_post import BODY, MemoryJournal, send

BARE = "ccb1e28b79eff16c68070bbbce88819d6731e7d82d8aa687cd3a6df64983d57f"
FULL = "0cfa05e441e15d179a6f7c72e98eb67c14e0d917cf26976a60c9f405b34e1b9b"


def hash_of(body: dict[str, Any], *, caller: str = "a") -> str:
    return transaction_of(
        body, transaction_id="", origin="us-east-1", recorded_at="2026-01-01T00:00:00.000000Z", caller=caller
    ).payload_hash


@pytest.mark.parametrize(
    ("body", "pinned"),
    [
        (BODY, BARE),
        ({**BODY, "description": ""}, BARE),
        ({**BODY, "metadata": {}}, BARE),
        ({**BODY, "description": "order 7 ü", "metadata": {"b": "1", "a": "2"}}, FULL),
        ({**BODY, "metadata": {"a": "2", "b": "1"}, "description": "order 7 ü"}, FULL),
    ],
)
def test_the_hash_of_a_payload_is_the_same_in_every_release(body: dict[str, Any], pinned: str) -> None:
    assert hash_of(body) == pinned


def test_the_caller_is_recorded_in_the_item_and_is_no_part_of_the_payload() -> None:
    journal = MemoryJournal()
    send(journal, BODY, caller="AROAEXAMPLE")
    (recorded,) = journal.items.values()
    assert recorded.to_item()["caller"] == {"S": "AROAEXAMPLE"}
    assert recorded.payload_hash == hash_of(BODY, caller="AROAOTHER")
