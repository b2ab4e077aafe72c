"""Measure what sweeps read and take in the steady state, and a read of the whole that is interrupted.

The journal is a stand-in that counts: what is measured is the sweep's own work and the ledger's, which is what is
Tandem's. The ledger holds three million transactions, and each item is compared with one of them.
"""

from __future__ import annotations

import resource
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from benchmarks.ledger_database import ready_databases
from benchmarks.result import Figure, Result
from benchmarks.sweep_journal import ORIGIN, START, CountingJournal
from contract.limits import SWEEP_INTERVAL_SECONDS
from contract.patterns import EMBEDDED_ACCOUNT
from contract.tables import PARTITION_KEY
from drills.embedded.isolation import ROOT
from stacks.settings.stage import load
from tandem_runtime.sweeper.evidence import SLACK, Seen
from tandem_runtime.sweeper.logic import Asked, Swept, sweep
from tandem_runtime.sweeper.ports import Sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tandem_runtime.shared.ledger_connection import LedgerConnection

INTERVAL = timedelta(seconds=SWEEP_INTERVAL_SECONDS)
ROWS = 3_000_000
RATES = (100, 1_000, 4_000)
STAGES = ("prod", "staging")
INTERRUPTED = 5
SLICE = 5_000


def run() -> Result:
    """Let steady sweeps of each rate and margin follow each other, then read the whole table in parts."""
    reads: dict[str, dict[str, float]] = {stage: {} for stage in STAGES}
    seconds: dict[str, dict[str, float]] = {stage: {} for stage in STAGES}
    with ready_databases() as (database,):
        database.fill(ROWS)
        connection = database.connect()
        for stage in STAGES:
            for rate in RATES:
                each = _steady(connection, rate, _margin(stage))
                reads[stage][str(rate)], seconds[stage][str(rate)] = round(each[0], 3), round(each[1], 2)
        rate_of_whole, grown = _whole(connection)
        connection.close()
    most = max(value for by_rate in reads.values() for value in by_rate.values())
    figures = [
        Figure(name="sweep_reads_per_item, the most", value=most, at_most=3),
        *(
            Figure(
                name=f"sweep_steady_seconds, {stage}, {rate}/s",
                value=seconds[stage][str(rate)],
                unit="s",
                at_most=60 if rate <= 1_000 else None,  # noqa: PLR2004 - what is asked at 1,000/s
            )
            for stage in STAGES
            for rate in RATES
        ),
        Figure(name="reconcile_items_per_second", value=rate_of_whole, unit="/s", at_least=10_000),
        Figure(name="memory that reconciling added after its first part", value=grown, unit="MiB"),
    ]
    report = {
        "sweep_reads_per_item": reads,
        "sweep_steady_seconds": seconds,
        "reconcile_items_per_second": round(rate_of_whole),
        "reconcile_memory_growth_mib": round(grown, 1),
    }
    return Result(report, figures)


def _steady(connection: LedgerConnection, rate: int, margin: timedelta) -> tuple[float, float]:
    """Return how often an item is read, and how long a sweep takes, once sweeps have followed each other."""
    now = START + margin + timedelta(hours=1)
    journal = CountingJournal(int(rate * (now + INTERVAL - START).total_seconds()), rate, ROWS)
    connection.run(
        "INSERT INTO ledger.sweep_marks VALUES (:origin, :mark, :mark) ON CONFLICT (origin) DO UPDATE SET mark = :mark",
        origin=ORIGIN,
        mark=now - margin - SLACK,
    )
    connection.run(
        "INSERT INTO ledger.sweep_cursors (observer, origin, swept_until) VALUES (:origin, :origin, :now) "
        "ON CONFLICT (observer, origin) DO UPDATE SET swept_until = :now",
        origin=ORIGIN,
        now=now,
    )
    before = journal.entries
    began = time.perf_counter()
    now += INTERVAL
    task = _task(journal, connection, now, Seen(heartbeat=now, risen=now - margin - SLACK))
    swept = sweep(task, [ORIGIN])
    seconds = time.perf_counter() - began
    if not swept.complete or task.inserted:
        raise RuntimeError(f"a steady sweep came to {swept} and inserted {task.inserted}")
    return (journal.entries - before) / (rate * INTERVAL.total_seconds()), seconds


def _whole(connection: LedgerConnection) -> tuple[float, float]:
    """Read the whole table in six parts; return items a second, and the MiB that all but the first part added."""
    journal = CountingJournal(ROWS, 1_000, ROWS)
    part = ROWS // SLICE // (INTERRUPTED + 1)
    began = time.perf_counter()
    request, memory = None, 0.0
    for number in range(INTERRUPTED + 2):
        swept = _part(connection, journal, request, None if number > INTERRUPTED else part)
        request = swept.request
        memory = memory or _peak()
    if not swept.done or journal.entries != ROWS:
        raise RuntimeError(f"the whole was read with {journal.entries} reads of {ROWS} items: {swept}")
    return ROWS / (time.perf_counter() - began), _peak() - memory


def _part(connection: LedgerConnection, journal: CountingJournal, request: str | None, slices: int | None) -> Swept:
    left = iter(range(slices)) if slices else None
    more = (lambda: next(left, None) is not None) if left else (lambda: True)
    now = START + timedelta(days=30)
    return sweep(
        _task(journal, connection, now, Seen(heartbeat=None, risen=None), more),
        [ORIGIN],
        Asked(whole=True, request=request),
    )


def _task(
    journal: CountingJournal,
    connection: LedgerConnection,
    now: datetime,
    seen: Seen,
    more: Callable[[], bool] = lambda: True,
) -> Sweep:
    def refuse(item: Mapping[str, Any], reason: str) -> None:
        raise RuntimeError(f"{item.get(PARTITION_KEY)} would be quarantined: {reason}")

    return Sweep(
        region=ORIGIN, journal=journal, ledger=connection, quarantine=refuse, seen={ORIGIN: seen}, now=now, more=more
    )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _margin(stage: str) -> timedelta:
    settings = load(stage, ROOT / "settings", account=EMBEDDED_ACCOUNT)
    return timedelta(seconds=settings.functions.sweep_margin_seconds)
