from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tandem_runtime.shared.problems import Problem
from tandem_runtime.shared.transaction import MalformedItemError, Transaction
from tandem_runtime.transactions.logic import post
from tandem_runtime.transactions.request import json_body

if TYPE_CHECKING:
    from collections.abc import Mapping

BODY: dict[str, Any] = {"debit_account": "alice", "credit_account": "bob", "amount": "12.34", "currency": "EUR"}


class MemoryJournal:
    def __init__(self) -> None:
        self.items: dict[str, Transaction] = {}

    def record(self, transaction: Transaction) -> Transaction:
        return self.items.setdefault(transaction.transaction_id, transaction)

    def find(self, transaction_id: str) -> Transaction | None:
        return self.items.get(transaction_id)


def send(journal: MemoryJournal, body: Mapping[str, Any], *, origin: str = "us-east-1", caller: str = "a") -> Any:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return post(body, caller=caller, idempotency_key="k", origin=origin, now=now, journal=journal)


def test_a_retry_in_the_other_region_gets_the_same_answer() -> None:
    journal = MemoryJournal()
    assert send(journal, BODY) == send(journal, BODY, origin="us-west-2")
    assert len(journal.items) == 1


def test_keys_of_different_callers_never_meet() -> None:
    journal = MemoryJournal()
    assert send(journal, BODY)["id"] != send(journal, BODY, caller="b")["id"]


def test_the_same_key_with_another_payload_is_a_conflict() -> None:
    journal = MemoryJournal()
    send(journal, BODY)
    with pytest.raises(Problem) as problem:
        send(journal, {**BODY, "amount": "1.00"})
    assert problem.value.status == 409


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 12.34},
        {"amount": "12.345"},
        {"currency": "EURO"},
        {"debit_account": "bob"},
        {"debit_account": ""},
        {"extra": 1},
        {"metadata": {"a": 1}},
        {"description": "\0"},
    ],
)
def test_an_invalid_transaction_is_refused_and_not_recorded(change: dict[str, Any]) -> None:
    journal = MemoryJournal()
    with pytest.raises(Problem) as problem:
        send(journal, {**BODY, **change})
    assert problem.value.status == 422
    assert not journal.items


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400), ("[]", 400), ('{"a": NaN}', 400), ('{"a": 1, "a": 2}', 400), ('"' + "x" * 70_000 + '"', 413),
        ("[" * 60_000, 400), ('{"a": "\\ud800"}', 400),
    ],
)  # fmt: skip
def test_a_body_that_is_no_json_object_is_refused(body: str, status: int) -> None:
    with pytest.raises(Problem) as problem:
        json_body({"headers": {"content-type": "application/json"}, "body": body})
    assert problem.value.status == status


def test_a_journal_item_reads_back_as_it_was_written() -> None:
    journal = MemoryJournal()
    send(journal, {**BODY, "metadata": {"order": "7"}})
    transaction = next(iter(journal.items.values()))
    assert Transaction.from_item(transaction.to_item()) == transaction


def test_an_item_written_around_the_api_is_malformed() -> None:
    journal = MemoryJournal()
    send(journal, BODY)
    item = next(iter(journal.items.values())).to_item()
    with pytest.raises(MalformedItemError):
        Transaction.from_item({**item, "amount": {"N": "-1"}})
