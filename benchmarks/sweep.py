"""Measure a sweep when nothing is missing, and what sweeps cost all the time.

The journal's keys come from memory here: what is measured is the sweep's own work and the ledger's, which is what is
Tandem's. `with_journal` adds the embedded AWS's DynamoDB, whose queries take far longer than either and say nothing
about AWS.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from benchmarks.embedded_journal import embedded_journal
from benchmarks.ledger_database import filled, fresh_transactions, name_of, ready_databases
from benchmarks.result import Figure, Result
from contract.journal import BUCKETS_PER_MINUTE, bucket_of, key_of
from contract.limits import SWEEP_INTERVAL_SECONDS
from contract.patterns import EMBEDDED_ACCOUNT
from contract.tables import PARTITION_KEY
from drills.embedded.isolation import ROOT
from stacks.settings.stage import load
from tandem_runtime.shared import ledger
from tandem_runtime.shared.backoff import pauses
from tandem_runtime.shared.journal import Journal
from tandem_runtime.sweeper.logic import Journal as SweptJournal
from tandem_runtime.sweeper.logic import Sweep, sweep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tandem_runtime.shared.ledger_connection import LedgerConnection

ORIGIN = "us-east-1"
INTERVAL = timedelta(seconds=SWEEP_INTERVAL_SECONDS)
WHOLE = 100_000
SIMULATED_PER_SECOND = 10
STEADY_PER_SECOND = 100
EMBEDDED = 5_000
START = datetime(2026, 1, 1, tzinfo=UTC)
TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


class _MemoryJournal:
    """What was filled, in the order of the time index, `count` transactions at an even rate since `START`."""

    def __init__(self, count: int, per_second: float) -> None:
        self.given = 0
        self._buckets: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        self._keys = [key_of(name_of(number)) for number in range(1, count + 1)]
        self._items: dict[str, Mapping[str, Any]] = {}
        for number, key in enumerate(self._keys):
            at = (START + timedelta(seconds=number / per_second)).strftime(TIME)
            self._buckets[bucket_of(ORIGIN, at[:16], number % BUCKETS_PER_MINUTE)].append((at, key))
            self._items[key] = filled(number + 1).to_item()

    def keys_in(self, bucket: str, since: str) -> Iterator[str]:
        for at, key in self._buckets[bucket]:
            if at >= since:
                self.given += 1
                yield key

    def every_key(self) -> Iterator[str]:
        self.given += len(self._keys)
        return iter(self._keys)

    def fetch(self, keys: Iterable[str]) -> Iterator[Mapping[str, Any]]:
        """What the mark is about to pass: the payloads are those that were filled."""
        for key in keys:
            yield self._items[key]


def run() -> Result:
    """Sweep a whole journal; then let sweeps follow each other until their cost is steady."""
    with ready_databases() as (database,):
        database.fill(WHOLE)
        connection = database.connect()
        whole = _whole(connection)
        steady = _steady(connection)
        connection.run("DELETE FROM ledger.sweep_observations WHERE origin = :origin", origin=ORIGIN)
        embedded = _embedded(connection)
        connection.close()
    figures = [
        Figure(name="sweep_seconds_per_100k", value=whole, unit="s"),
        Figure(name="sweep_seconds_per_100k, embedded DynamoDB included", value=embedded, unit="s"),
        *(
            Figure(name=f"sweep_steady_seconds_per_minute, {stage}, 100/s", value=each["seconds_per_minute"], unit="s")
            for stage, each in steady.items()
        ),
    ]
    report = {
        "sweep_seconds_per_100k": round(whole, 3),
        "sweep_seconds_per_100k_embedded": round(embedded, 3),
        "sweep_steady_seconds_per_minute": steady,
    }
    return Result(report, figures)


def _whole(connection: LedgerConnection) -> float:
    journal, times = _MemoryJournal(WHOLE, STEADY_PER_SECOND), []
    for _ in range(3):
        task = _task(journal, connection, START + timedelta(hours=1), timedelta(hours=1))
        times.append(_seconds(task, None))
        if (task.read, task.inserted) != (WHOLE, 0):
            raise RuntimeError(f"the sweep read {task.read} and inserted {task.inserted}, not {WHOLE} and 0")
    return sorted(times)[1] * 100_000 / WHOLE


def _steady(connection: LedgerConnection) -> dict[str, dict[str, float]]:
    """Sweep prod every ten minutes of simulated time at a tenth of the rate, until the mark has followed for a while.

    Staging's margin is too long to simulate: its cost follows from what its sweeps have to read.
    """
    margins = {stage: _margin(stage) for stage in ("prod", "staging")}
    scale = STEADY_PER_SECOND / SIMULATED_PER_SECOND
    journal = _MemoryJournal(WHOLE, SIMULATED_PER_SECOND)
    seconds, read, now = 0.0, 0, START
    while now + INTERVAL <= START + timedelta(seconds=WHOLE / SIMULATED_PER_SECOND):
        now += INTERVAL
        task = _task(journal, connection, now, margins["prod"])
        seconds, read = _seconds(task, now), task.read
    minutes = INTERVAL / timedelta(minutes=1)
    behind = read / SIMULATED_PER_SECOND - margins["prod"].total_seconds()
    if not 0 <= behind <= 3 * INTERVAL.total_seconds():
        raise RuntimeError(f"the mark does not follow: the last sweep read {read} keys")
    longer = (margins["staging"].total_seconds() + behind) * SIMULATED_PER_SECOND / read
    return {
        stage: {
            "seconds_per_minute": round(seconds * scale * factor / minutes, 3),
            "keys_read_per_sweep": round(read * scale * factor),
            "simulated": stage == "prod",
        }
        for stage, factor in (("prod", 1.0), ("staging", longer))
    }


def _embedded(connection: LedgerConnection) -> float:
    """Measure the whole sweep of one minute of traffic, with the journal's own queries."""
    with embedded_journal() as (dynamodb, table):
        transactions = [
            replace(each, recorded_at=(START + timedelta(seconds=number * 60 / EMBEDDED)).strftime(TIME))
            for number, each in enumerate(fresh_transactions(10**9, EMBEDDED))
        ]
        ledger.insert(connection, transactions)
        for first in range(0, EMBEDDED, 25):
            puts = [{"PutRequest": {"Item": each.to_item()}} for each in transactions[first : first + 25]]
            _write(dynamodb, table, puts)
        task = _task(Journal(dynamodb, table), connection, START + timedelta(minutes=2), timedelta(hours=1))
        began = time.perf_counter()
        sweep(task, ORIGIN, None, since=START)
        seconds = time.perf_counter() - began
        if (task.read, task.inserted) != (EMBEDDED, 0):
            raise RuntimeError(f"the sweep read {task.read} and inserted {task.inserted}, not {EMBEDDED} and 0")
    return seconds * 100_000 / EMBEDDED


def _write(dynamodb: Any, table: str, puts: list[dict[str, Any]]) -> None:
    """Write one batch; write what it leaves unprocessed again after a pause."""
    left = {table: puts}
    for pause in [*pauses(tries=8, first=0.1, most=2.0), None]:
        left = dynamodb.batch_write_item(RequestItems=left)["UnprocessedItems"]
        if not left:
            return
        if pause is not None:
            time.sleep(pause)
    raise RuntimeError(f"{len(left[table])} items of a batch were not written: the embedded DynamoDB throttles")


def _task(journal: SweptJournal, connection: LedgerConnection, now: datetime, margin: timedelta) -> Sweep:
    def refuse(item: Mapping[str, Any], reason: str) -> None:
        raise RuntimeError(f"{item.get(PARTITION_KEY)} would be quarantined: {reason}")

    return Sweep(
        region=ORIGIN, journal=journal, ledger=connection, quarantine=refuse, margin=margin, interval=INTERVAL, now=now,
    )  # fmt: skip


def _seconds(task: Sweep, heartbeat: datetime | None) -> float:
    began = time.perf_counter()
    sweep(task, ORIGIN, heartbeat)
    return time.perf_counter() - began


def _margin(stage: str) -> timedelta:
    settings = load(stage, ROOT / "settings", account=EMBEDDED_ACCOUNT)
    return timedelta(seconds=settings.functions.sweep_margin_seconds)
