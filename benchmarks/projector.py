"""Compare the projector's statements with a bare insert of the same rows, at an empty table and at a million rows.

The floor is one `INSERT ... SELECT unnest(...)` per batch, by the same driver over the same connection, of the same
rows (a header and two entries per transaction) into tables of the same shape: the same columns, primary keys and
indexes. It handles no conflict, keeps no balance and has no trigger, foreign key or check. It passes the arrays as the
driver takes them, as lists. `encoded_ratio` is the ratio to the same floor given array literals as the ledger makes
them: what the guarantees cost in the database alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.ledger_database import fresh_transactions, ready_databases
from benchmarks.result import Figure, Result, alternate
from contract.database import APPLICATION_USER
from tandem_runtime.shared import ledger
from tandem_runtime.shared.arrays import array

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tandem_runtime.shared.ledger_connection import LedgerConnection
    from tandem_runtime.shared.transaction import Transaction

RATIO = 0.60
FLAT = 0.75
"""A million transactions slow the ledger's insert at most this much more than a bare insert.

Each keeps a share of its rate at an empty table; the ledger's share, divided by that of a bare insert with as little
work in the client, must be at least this.

Deeper indexes and colder caches slow every insert; a plan that reads what is there would slow ours without end. The
bare insert with the driver's lists will not do here: its client's work, which no table slows, hides what the table
costs it.
"""

FILLED = 1_000_000
ROUNDS = {100: 60, 1_000: 20, 10_000: 5}

_TABLES = (
    "CREATE SCHEMA bare",
    "CREATE TABLE bare.transactions (LIKE ledger.transactions INCLUDING INDEXES)",
    "CREATE TABLE bare.entries (LIKE ledger.entries INCLUDING INDEXES)",
    f"GRANT USAGE ON SCHEMA bare TO {APPLICATION_USER}",
    f"GRANT INSERT ON ALL TABLES IN SCHEMA bare TO {APPLICATION_USER}",
)
_FILL = (
    "TRUNCATE bare.transactions, bare.entries",
    "INSERT INTO bare.transactions SELECT * FROM ledger.transactions",
    "INSERT INTO bare.entries SELECT * FROM ledger.entries",
    "VACUUM ANALYZE",
)
_BARE = """
WITH batch AS (
    SELECT * FROM unnest(
        :ids ::uuid[], :payload_hashes ::text[], :origins ::text[], :recorded_ats ::timestamptz[], :currencies ::text[],
        :descriptions ::text[], :debit_accounts ::text[], :credit_accounts ::text[], :amounts ::bigint[]
    ) AS b (id, payload_hash, origin, recorded_at, currency, description, debit_account, credit_account, amount)
), headers AS (
    INSERT INTO bare.transactions SELECT id, payload_hash, origin, recorded_at, currency, description FROM batch
)
INSERT INTO bare.entries
SELECT b.id, side.account, b.currency, side.amount
FROM batch b
CROSS JOIN LATERAL (VALUES (b.debit_account, b.amount), (b.credit_account, -b.amount)) AS side (account, amount)
"""


def run() -> Result:
    """Measure an empty ledger and one that holds a million transactions, in turns."""
    with ready_databases(2) as (small, large):
        for database in (small, large):
            database.run(*_TABLES)
        large.fill(FILLED)
        large.run(*_FILL)
        connections = {"empty": small.connect(), "1,000,000": large.connect()}
        measured = {size: _measure(connections, size, rounds) for size, rounds in ROUNDS.items()}
        for connection in connections.values():
            connection.close()
    report: dict[str, Any] = {
        key: {
            when: {size: round(function(measured[size][when]), 3) for size in ROUNDS} for when in ("empty", "1,000,000")
        }
        for key, function in _FIGURES.items()
    }
    flatness = {
        name: {
            size: round(function(measured[size]["1,000,000"]) / function(measured[size]["empty"]), 3) for size in ROUNDS
        }
        for name, function in (
            ("insert", _FIGURES["projector_rows_per_second"]),
            ("verify", _FIGURES["verify_rows_per_second"]),
            ("bare", _FIGURES["bare_rows_per_second"]),
            ("bare_encoded", lambda rates: rates.encoded),
        )
    }
    figures = [
        Figure(name=f"{key}, {when} table, batches of {size:,}", value=report[key][when][size], at_least=bound)
        for key, bound in (("projector_ratio", RATIO), ("verify_ratio", RATIO), ("verify_to_insert", 1.0))
        for when in ("empty", "1,000,000")
        for size in ROUNDS
    ]
    for size in ROUNDS:
        ours, bare = flatness["insert"][size], flatness["bare_encoded"][size]
        figures.append(Figure(name=f"flatness, batches of {size:,}", value=ours))
        figures.append(
            Figure(name=f"flatness beside a bare insert's, batches of {size:,}", value=ours / bare, at_least=FLAT)
        )
    return Result({**report, "flatness": flatness}, figures)


@dataclass(frozen=True)
class _Rates:
    """Return transactions per second: bare, bare with array literals, inserted, verified."""

    bare: float
    encoded: float
    insert: float
    verify: float


_FIGURES: dict[str, Callable[[_Rates], float]] = {
    "projector_ratio": lambda rates: rates.insert / rates.bare,
    "projector_encoded_ratio": lambda rates: rates.insert / rates.encoded,
    "verify_ratio": lambda rates: rates.verify / rates.bare,
    "verify_to_insert": lambda rates: rates.verify / rates.insert,
    "projector_rows_per_second": lambda rates: rates.insert,
    "verify_rows_per_second": lambda rates: rates.verify,
    "bare_rows_per_second": lambda rates: rates.bare,
}


def _measure(connections: Mapping[str, LedgerConnection], size: int, rounds: int) -> dict[str, _Rates]:
    first = 10 * FILLED * size  # ids of their own for each size
    batches = [fresh_transactions(first + number * size, size) for number in range(2 * rounds + 2)]
    actions: list[Callable[[int], object]] = []
    for connection in connections.values():
        actions += _actions(connection, batches[: rounds + 1], batches[rounds + 1 :])
    seconds = alternate(rounds, *actions)
    return {
        when: _Rates(*(size / each for each in seconds[4 * number : 4 * number + 4]))
        for number, when in enumerate(connections)
    }


def _actions(
    connection: LedgerConnection, batches: Sequence[list[Transaction]], others: Sequence[list[Transaction]]
) -> list[Callable[[int], object]]:
    def insert(number: int) -> None:
        if ledger.insert(connection, batches[number]).new != len(batches[number]):
            raise RuntimeError(f"a batch of {len(batches[number])} new transactions was not inserted as a whole")

    def verify(number: int) -> None:
        if missing := ledger.verify(connection, batches[number]).missing:
            raise RuntimeError(f"{len(missing)} of {len(batches[number])} rows are not there right after insertion")

    return [
        lambda number: _bare(connection, batches[number], list),
        lambda number: _bare(connection, others[number], lambda values: array(map(str, values))),
        insert,
        verify,
    ]


def _bare(
    connection: LedgerConnection, transactions: Sequence[Transaction], encode: Callable[[list[Any]], object]
) -> None:
    connection.run(
        _BARE,
        ids=encode([transaction.transaction_id for transaction in transactions]),
        payload_hashes=encode([transaction.payload_hash for transaction in transactions]),
        origins=encode([transaction.origin for transaction in transactions]),
        recorded_ats=encode([transaction.recorded_at for transaction in transactions]),
        currencies=encode([transaction.currency for transaction in transactions]),
        descriptions=encode([transaction.description for transaction in transactions]),
        debit_accounts=encode([transaction.debit_account for transaction in transactions]),
        credit_accounts=encode([transaction.credit_account for transaction in transactions]),
        amounts=encode([transaction.amount for transaction in transactions]),
    )
