"""Compare the ledger's insert with that of commit cdff92e, in turns, on ledgers that hold 100,000 transactions each.

Beside them stands the floor that the commit was measured against: a bare statement that inserts a header and two
entries per transaction into tables of its shape, without a check, a trigger or a balance, given ready array literals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.baseline import baseline_database, baseline_insert, literals
from benchmarks.ledger_database import Database, fresh_transactions, ready_server
from benchmarks.result import Figure, Result, alternate
from contract.database import APPLICATION_USER
from tandem_runtime.shared import ledger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tandem_runtime.shared.ledger_connection import LedgerConnection
    from tandem_runtime.shared.transaction import Transaction

RATIOS = {1: 1.2, 100: 1.3, 1_000: 1.6}
"""By the size of a batch, how many times the commit's rate is asked for."""

FILLED = 100_000
ROUNDS = {1: 400, 100: 100, 1_000: 30}

_TABLES = (
    "CREATE SCHEMA bare",
    "CREATE TABLE bare.transactions (LIKE ledger.transactions INCLUDING INDEXES)",
    "CREATE TABLE bare.entries (LIKE ledger.entries INCLUDING INDEXES)",
    "INSERT INTO bare.transactions SELECT * FROM ledger.transactions",
    "INSERT INTO bare.entries SELECT * FROM ledger.entries",
    f"GRANT USAGE ON SCHEMA bare TO {APPLICATION_USER}",
    f"GRANT INSERT ON ALL TABLES IN SCHEMA bare TO {APPLICATION_USER}",
    "VACUUM ANALYZE",
)
_FLOOR = """
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
    """Measure each size of batch."""
    with ready_server() as servers:
        databases = {
            "now": Database(servers),
            "before": baseline_database(servers),
            "floor": baseline_database(servers),
        }
        for database in databases.values():
            database.fill(FILLED)
        databases["floor"].run(*_TABLES)
        connections = {name: database.connect() for name, database in databases.items()}
        seconds = {size: _seconds(connections, size, rounds) for size, rounds in ROUNDS.items()}
        for connection in connections.values():
            connection.close()
    rates = {size: {name: round(size / each) for name, each in of.items()} for size, of in seconds.items()}
    ratios = {size: round(of["before"] / of["now"], 3) for size, of in seconds.items()}
    floors = {size: round(of["floor"] / of["now"], 3) for size, of in seconds.items()}
    figures = [
        Figure(name=f"ledger_rate_ratio, batches of {size:,}", value=ratio, at_least=RATIOS[size])
        for size, ratio in ratios.items()
    ]
    figures += [
        Figure(name=f"to the floor of three rows, batches of {size:,}", value=ratio) for size, ratio in floors.items()
    ]
    report = {"ledger_rate_ratio": ratios, "ledger_rates": rates, "projector_three_rows_ratio": floors}
    return Result(report, figures)


def _seconds(connections: Mapping[str, LedgerConnection], size: int, rounds: int) -> dict[str, float]:
    first = 10**9 * size  # ids of their own for each size
    batches = [fresh_transactions(first + number * size, size) for number in range(rounds + 1)]
    ready = [literals(batch) for batch in batches]

    def before(number: int) -> None:
        _whole(batches[number], baseline_insert(connections["before"], batches[number]))

    def now(number: int) -> None:
        _whole(batches[number], ledger.insert(connections["now"], batches[number]).new)

    taken = alternate(rounds, before, now, lambda number: connections["floor"].run(_FLOOR, **ready[number]))
    return dict(zip(("before", "now", "floor"), taken, strict=True))


def _whole(batch: Sequence[Transaction], inserted: int) -> None:
    if inserted != len(batch):
        raise RuntimeError(f"of a batch of {len(batch)} new transactions {inserted} were inserted")
