"""Measure how a promoted ledger catches up: the projector's logic inserts the tail that was not replicated.

The stream delivers again, in batches of the deployed size, what the replica had not shown yet. The records are parsed,
and what is missing is inserted.
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

from benchmarks.baseline import baseline_check, baseline_database, baseline_insert
from benchmarks.ledger_database import Database, fresh_transactions, ready_server
from benchmarks.result import Figure, Result, alternate
from contract.tables import PARTITION_KEY
from tandem.projector import BATCH_SIZE
from tandem_runtime.projector.logic import parse, project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tandem_runtime.shared.ledger_connection import LedgerConnection

HELD = 100_000
"""Transactions that the promoted ledger holds already."""

TAILS = (1_000, 10_000, 100_000)
EVENT_BYTES = 6 * 10**6
"""An event source mapping sends a function at most 6 MB, cut from what it has read (Lambda quotas)."""

ROUNDS = 30
RATIO = 1.4
LINEAR = 0.7
"""A batch's median rate in a tail of 100,000 to that in one of 10,000, in turns: less would be worse than linear."""

PARTS = 10


def run() -> Result:
    """Time each tail on the same promoted ledger."""
    measured: list[dict[str, float]] = []
    numbers = count(10**9, 10**6)
    with ready_server() as servers:
        databases = (Database(servers), baseline_database(servers), Database(servers))
        for each in databases:
            each.fill(HELD)
        connection, former, short = (each.connect() for each in databases)
        _seconds(connection, next(numbers), 1_000)  # opens the connection and plans
        for rows in TAILS:
            batches = _seconds(connection, next(numbers), rows)
            seconds = sum(batches)
            measured.append({"rows": rows, "seconds": round(seconds, 3), "rows_per_second": round(rows / seconds)})
        ratio = _ratio(connection, former, next(numbers))
        linear = _linear(short, connection, numbers)
        largest = _largest(connection, next(numbers))
        for opened in (connection, former, short):
            opened.close()
    figures = [
        Figure(name=f"catch_up, {tail['rows']:,} items", value=float(tail["rows_per_second"]), unit="rows/s")
        for tail in measured
    ]
    figures.append(Figure(name="catch_up, a batch of 100,000 items to one of 10,000", value=linear, at_least=LINEAR))
    figures.append(Figure(name="catch_up_ratio", value=ratio, at_least=RATIO))
    figures += [
        Figure(name="projector, the largest batch", value=largest["seconds"], unit="s"),
        Figure(name="projector, the largest batch's memory beyond its event", value=largest["mebibytes"], unit="MiB"),
    ]
    return Result(
        {
            "catch_up": measured,
            "catch_up_ratio": round(ratio, 3),
            "catch_up_linear": round(linear, 3),
            "projector_largest_batch": largest,
        },
        figures,
    )


def _linear(short: LedgerConnection, long: LedgerConnection, numbers: Iterator[int]) -> float:
    """Let one ledger catch up ten times what the other does, in turns: the machine's other work meets both alike."""
    _seconds(short, next(numbers), BATCH_SIZE)  # opens the connection and plans
    of_short, of_long = [], []
    for _ in range(PARTS):
        of_long += _seconds(long, next(numbers), TAILS[-1] // PARTS)
        of_short += _seconds(short, next(numbers), TAILS[-2] // PARTS)
    return statistics.median(of_short) / statistics.median(of_long)


def _largest(connection: LedgerConnection, first: int) -> dict[str, float]:
    """Time a batch of the deployed size whose event is as large as Lambda takes one, and trace what it allocates."""

    def records(start: int) -> list[dict[str, Any]]:
        filler = "x" * (EVENT_BYTES // BATCH_SIZE)
        batch = [replace(each, metadata={"filler": filler}) for each in fresh_transactions(start, BATCH_SIZE)]
        return [_record(number, each.to_item()) for number, each in enumerate(batch)]

    timed, traced = records(first), records(first + BATCH_SIZE)
    began = time.perf_counter()
    _whole(BATCH_SIZE, project(parse(timed)[0], connection, lambda: False).inserted)
    seconds = time.perf_counter() - began
    tracemalloc.start()
    _whole(BATCH_SIZE, project(parse(traced)[0], connection, lambda: False).inserted)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {"records": BATCH_SIZE, "seconds": round(seconds, 3), "mebibytes": round(peak / 2**20, 1)}


def _ratio(connection: LedgerConnection, former: LedgerConnection, first: int) -> float:
    """How many times the rate of commit cdff92e a tail is caught up at, in turns with that commit's ledger."""
    batches = [fresh_transactions(first + number * BATCH_SIZE, BATCH_SIZE) for number in range(ROUNDS + 1)]
    records = [[_record(number, each.to_item()) for number, each in enumerate(batch)] for batch in batches]

    def now(number: int) -> None:
        _whole(len(batches[number]), project(parse(records[number])[0], connection, lambda: False).inserted)

    def before(number: int) -> None:
        transactions = [record.transaction for record in parse(records[number])[0]]
        for transaction in transactions:
            baseline_check(transaction)
        _whole(len(batches[number]), baseline_insert(former, transactions))

    seconds_now, seconds_before = alternate(ROUNDS, now, before)
    return seconds_before / seconds_now


def _whole(given: int, inserted: int) -> None:
    if given != inserted:
        raise RuntimeError(f"of {given} items {inserted} were inserted")


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
