"""Time a page of an account's entries in a ledger of 10,000 transactions and in one of five million, in turns.

The pages are the latest of an account like any other, the latest of one that is in every second transaction, and
one from the middle of that one's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.ledger_database import Database, name_of, ready_server
from benchmarks.result import Figure, Result, alternate
from tandem_runtime.transactions.adapters import LedgerAccounts
from tandem_runtime.transactions.request import MOST_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (10_000, 5_000_000)
FLATNESS = 1.5
"""A page of the large ledger takes at most this many times as long as one of the small ledger."""

ROUNDS = 300
ACCOUNTS = 50
"""Few enough that an account of the small ledger has a whole page, too."""

HOT = "clearing"
_FILL = f"""
INSERT INTO ledger.transactions (
    id, payload_hash, origin, recorded_at, currency, description, debit_account, credit_account, amount
)
SELECT md5(g::text)::uuid, repeat('0', 64), 'us-east-1', timestamptz '2026-01-01' + g * interval '1 millisecond', 'EUR',
       '', CASE g % 2 WHEN 0 THEN '{HOT}' ELSE 'account-' || g % {ACCOUNTS} END, 'account-' || (g + 1) % {ACCOUNTS}, 1
FROM generate_series(1, :size ::bigint) g
"""  # noqa: S608 - our own constants
_INDEXES = (
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'ledger' AND indexname LIKE 'transactions_by_%'"
)


def run() -> Result:
    """Fill both ledgers and measure."""
    with ready_server() as servers:
        databases = [Database(servers) for _ in SIZES]
        for database, size in zip(databases, SIZES, strict=True):
            _fill(database, size)
        connections = [database.connect() for database in databases]
        pages = [
            page
            for connection, size in zip(connections, SIZES, strict=True)
            for page in _pages(LedgerAccounts(connection), size)
        ]
        seconds = alternate(ROUNDS, *pages)
        for connection in connections:
            connection.close()
    small, large = seconds[:3], seconds[3:]
    names = ("any account", "hot account", "hot account, from the middle")
    ratios = {name: round(later / first, 3) for name, first, later in zip(names, small, large, strict=True)}
    figures = [
        Figure(name=f"accounts_flatness, {name}", value=ratio, at_most=FLATNESS) for name, ratio in ratios.items()
    ]
    milliseconds = {name: round(each * 1_000, 2) for name, each in zip(names, large, strict=True)}
    return Result({"accounts_flatness": max(ratios.values()), "accounts_page_ms": milliseconds}, figures)


def _fill(database: Database, size: int) -> None:
    """Fill a ledger past its triggers, because only its indexes are read here. They are made last, in less time."""
    with database.administer() as owner:
        indexes = owner.run(_INDEXES)
        for name, _ in indexes:
            owner.run(f"DROP INDEX ledger.{name}")
        owner.run("ALTER TABLE ledger.transactions DISABLE TRIGGER USER")
        owner.run(_FILL, size=size)
        for _, definition in indexes:
            owner.run(definition)
        owner.run("VACUUM ANALYZE ledger.transactions")


def _pages(accounts: LedgerAccounts, size: int) -> list[Callable[[int], object]]:
    middle = name_of(size // 2)

    def page(account: str, before: str | None = None) -> None:
        if len(accounts.entries(account, limit=MOST_ENTRIES + 1, before=before)) <= MOST_ENTRIES:
            raise RuntimeError(f"{account} has no whole page of entries")

    return [lambda _: page("account-7"), lambda _: page(HOT), lambda _: page(HOT, middle)]
