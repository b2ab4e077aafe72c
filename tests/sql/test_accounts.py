"""An account's pages: every entry once, in one order, and nothing read beyond the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tandem_runtime.shared.ledger import insert
from tandem_runtime.shared.problems import Problem
from tandem_runtime.transactions import logic
from tandem_runtime.transactions.adapters import LedgerAccounts
from tests.sql.database import transaction

if TYPE_CHECKING:
    from tandem_runtime.shared.ledger_connection import LedgerConnection
    from tandem_runtime.shared.transaction import Transaction


def several(number: int, *, first: int = 0) -> list[Transaction]:
    """Transactions of alice, every third one a credit and each two recorded at the same time."""
    return [
        transaction(
            each,
            recorded_at=f"2026-01-01T00:{each // 2 // 60:02}:{each // 2 % 60:02}.000000Z",
            **({"debit_account": "bob", "credit_account": "alice"} if each % 3 == 0 else {}),
        )
        for each in range(first, first + number)
    ]


def pages(ledger: LedgerConnection, limit: int) -> list[list[dict[str, Any]]]:
    read: list[list[dict[str, Any]]] = []
    before: str | None = None
    while before or not read:
        page = logic.account("alice", LedgerAccounts(ledger), limit=limit, before=before)
        read.append(page["entries"])
        before = page["next"]
    return read


@pytest.mark.parametrize("limit", [1, 7, 20, 21])
def test_pages_hold_every_entry_once_the_latest_first_though_times_are_equal(
    ledger: LedgerConnection, limit: int
) -> None:
    posted = several(20)
    insert(ledger, posted)
    read = pages(ledger, limit)
    assert [len(page) for page in read] == [limit] * (20 // limit) + [20 % limit] * (20 % limit > 0)
    newest = sorted(posted, key=lambda each: (each.recorded_at, each.transaction_id), reverse=True)
    assert [(each["transaction_id"], each["recorded_at"]) for page in read for each in page] == [
        (each.transaction_id, each.recorded_at) for each in newest
    ]
    amounts = {each["transaction_id"]: each["amount"] for page in read for each in page}
    assert amounts[posted[0].transaction_id] == "-0.01"
    assert amounts[posted[1].transaction_id] == "0.02"


def test_a_page_that_was_given_stays_what_it_was_when_newer_entries_come(ledger: LedgerConnection) -> None:
    insert(ledger, several(20))
    accounts = LedgerAccounts(ledger)
    first = accounts.entries("alice", limit=5)
    second = accounts.entries("alice", limit=5, before=first[-1][0])
    insert(ledger, several(20, first=20))
    assert accounts.entries("alice", limit=5, before=first[-1][0]) == second


def test_a_page_before_what_the_ledger_does_not_hold_is_refused(ledger: LedgerConnection) -> None:
    insert(ledger, several(2))
    with pytest.raises(Problem, match="begin without it") as refused:
        LedgerAccounts(ledger).entries("alice", limit=5, before=transaction(7).transaction_id)
    assert refused.value.status == 404


def test_a_page_of_a_hot_account_reads_no_more_than_itself_with_a_plan_of_when_it_was_empty(
    ledger: LedgerConnection,
) -> None:
    accounts = LedgerAccounts(ledger)
    for _ in range(8):  # more than it takes a session to settle on one plan
        assert accounts.entries("alice", limit=101) == []
    insert(ledger, several(3_000))
    middle = accounts.entries("alice", limit=101)[-1][0]
    before = fetched(ledger)
    assert len(accounts.entries("alice", limit=101)) == 101
    assert len(accounts.entries("alice", limit=101, before=middle)) == 101
    assert fetched(ledger) - before <= 2 * 2 * 101 + 1


def fetched(ledger: LedgerConnection) -> int:
    """How many rows were read of the ledger's transactions, by an index or not."""
    ledger.run("SELECT pg_stat_force_next_flush()")
    [[rows]] = ledger.run("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'transactions'")
    return int(rows)
