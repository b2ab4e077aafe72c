"""Measure how a promoted ledger catches up: the projector's logic inserts the tail that was not replicated.

The stream delivers again, in batches of the deployed size, what the replica had not shown yet. The records are parsed,
and what is missing is inserted.
"""

from __future__ import annotations

import statistics
import time
from itertools import count
from typing import TYPE_CHECKING, Any

from benchmarks.ledger_database import fresh_transactions, ready_databases
from benchmarks.result import Figure, Result
from contract.tables import PARTITION_KEY
from tandem.projector import BATCH_SIZE
from tandem_runtime.projector.logic import parse, project

if TYPE_CHECKING:
    from tandem_runtime.shared.ledger_connection import LedgerConnection

HELD = 100_000
"""Transactions that the promoted ledger holds already."""

TAILS = (1_000, 10_000, 100_000)
LINEAR = 0.7
"""A batch's median rate in the longest tail to that in the middle one: less would be worse than linear."""


def run() -> Result:
    """Time each tail on the same promoted ledger."""
    measured: list[dict[str, float]] = []
    medians: list[float] = []
    numbers = count(10**9, 10**6)
    with ready_databases() as (database,):
        database.fill(HELD)
        connection = database.connect()
        _seconds(connection, next(numbers), 1_000)  # opens the connection and plans
        for rows in TAILS:
            batches = _seconds(connection, next(numbers), rows)
            seconds = sum(batches)
            measured.append({"rows": rows, "seconds": round(seconds, 3), "rows_per_second": round(rows / seconds)})
            medians.append(statistics.median(batches))
        connection.close()
    linear = medians[-2] / medians[-1]
    figures = [
        Figure(name=f"catch_up, {each['rows']:,} items", value=float(each["rows_per_second"]), unit="rows/s")
        for each in measured
    ]
    figures.append(Figure(name="catch_up, a batch of 100,000 items to one of 10,000", value=linear, at_least=LINEAR))
    return Result({"catch_up": measured}, figures)


def _seconds(connection: LedgerConnection, first: int, rows: int) -> list[float]:
    taken = []
    for start in range(first, first + rows, BATCH_SIZE):
        records = [
            _record(number, transaction.to_item())
            for number, transaction in enumerate(fresh_transactions(start, BATCH_SIZE))
        ]
        began = time.perf_counter()
        parsed, malformed = parse(records)
        outcome = project(parsed, connection, lambda: False)
        taken.append(time.perf_counter() - began)
        if malformed or outcome.failed or outcome.inserted != len(records):
            raise RuntimeError(f"of {len(records)} items {outcome.inserted} were inserted, {len(malformed)} malformed")
    return taken


def _record(number: int, item: dict[str, Any]) -> dict[str, Any]:
    """A stream record, as Lambda delivers it."""
    change = {"Keys": {PARTITION_KEY: item[PARTITION_KEY]}, "NewImage": item, "SequenceNumber": str(number)}
    return {"eventName": "INSERT", "dynamodb": change}
