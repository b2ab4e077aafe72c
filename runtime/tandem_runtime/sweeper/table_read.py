"""The read of the whole journal: for a new ledger, an origin without a mark, a restore, and for whoever asks.

It belongs to one Region and one request, and it is resumed where its last slice ended: the ledger holds the last key
that was read of each segment, in the transaction of the rows. At its start it records how far the evidence lets each
mark rise; its last slice sets the marks to that. What arrives later than that evidence may lie in a part that was read
already, so nothing that is known when it ends could be used instead.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tandem_runtime.sweeper.account import account
from tandem_runtime.sweeper.evidence import PATIENCE
from tandem_runtime.sweeper.passes import mark_of, set_cursor
from tandem_runtime.sweeper.slices import Size

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tandem_runtime.shared.journal import Entry
    from tandem_runtime.sweeper.ports import Sweep

SEGMENTS = 4
ASKED = "asked"
"""How the request of a read begins that somebody asked for; the sweeper's own reads begin otherwise."""
_OWN = "own"

Positions = list[str | bool | None]
"""Of each segment the last key that was read, None before the first, True when the segment has ended."""


@dataclass(frozen=True, kw_only=True)
class TableRead:
    """A read of the table, as the ledger holds it."""

    request: str
    positions: Positions
    evidence: dict[str, dict[str, str | None]]
    read: int
    inserted: int
    started_at: datetime
    seen_at: datetime
    finished: bool

    def progress(self) -> dict[str, Any]:
        """What `tandem reconcile` shows of it."""
        return {
            "request": self.request,
            "read": self.read,
            "inserted": self.inserted,
            "started_at": self.started_at.isoformat(),
            "segments": len(self.positions),
            "segments_read": sum(each is True for each in self.positions),
            "finished": self.finished,
        }


def latest(task: Sweep) -> TableRead | None:
    """The read of this Region, running or finished; None when there was none in this ledger."""
    rows = task.ledger.run(
        "SELECT request, positions, evidence, read, inserted, started_at, seen_at, finished_at IS NOT NULL "
        "FROM ledger.table_reads WHERE observer = :observer",
        observer=task.region,
    )
    for request, positions, evidence, read, inserted, started_at, seen_at, finished in rows:
        return TableRead(
            request=request,
            positions=json.loads(positions),
            evidence=json.loads(evidence),
            read=read,
            inserted=inserted,
            started_at=started_at,
            seen_at=seen_at,
            finished=finished,
        )
    return None


def wanted(task: Sweep, origins: Iterable[str]) -> str | None:
    """The request of the read that is to go on or to begin without anybody asking; None when there is none.

    An origin without a mark wants one. A read that ended without evidence is not repeated before there is some.
    """
    known = latest(task)
    if known is not None and not known.finished:
        return known.request if _goes_on(task, known) else _named(task, _OWN)
    unmarked = [origin for origin in origins if mark_of(task, origin) is None]
    if unmarked and (known is None or any(task.seen[origin].risen is not None for origin in unmarked)):
        return _named(task, _OWN)
    return None


def asked(task: Sweep, request: str | None) -> str:
    """The request of the read that somebody asks for: the one that runs, if somebody has asked for that one, or a new.

    With `request` it is that one, finished or not, as long as this ledger knows it.
    """
    known = latest(task)
    if known is not None and known.request.startswith(ASKED):
        if known.request == request:
            return request
        if request is None and not known.finished and _goes_on(task, known):
            return known.request
    return request or _named(task, ASKED)


def read_table(task: Sweep, request: str) -> Iterator[None]:
    """Read on for `request` from where its last slice ended, or from the beginning."""
    known = latest(task)
    if known is None or known.request != request or not (known.finished or _goes_on(task, known)):
        known = _begin(task, request)
    positions = known.positions
    if known.finished:
        return
    size = Size(task.slice_items, task.slice_seconds, task.clock)
    for segment in range(len(positions)):
        while positions[segment] is not True:
            entries, last = _slice(task, segment, positions, size)
            after: Positions = [*positions]
            after[segment] = True if last is None else last
            _account(task, known, entries, positions, after)
            positions = after
            yield


def _goes_on(task: Sweep, known: TableRead) -> bool:
    """Whether a read that is not finished may go on: one that stood still may have come back with a restored ledger."""
    return task.now - known.seen_at <= PATIENCE


def _named(task: Sweep, kind: str) -> str:
    return f"{kind} {task.region} {task.now.isoformat()}"


def _begin(task: Sweep, request: str) -> TableRead:
    evidence = {
        origin: {
            "risen": seen.risen.isoformat() if seen.risen else None,
            "heartbeat": seen.heartbeat.isoformat() if seen.heartbeat else None,
        }
        for origin, seen in task.seen.items()
    }
    positions: Positions = [None] * SEGMENTS
    task.ledger.run(
        "INSERT INTO ledger.table_reads (observer, request, positions, evidence, started_at, seen_at) "
        "VALUES (:observer, :request, :positions, :evidence, :now, :now) ON CONFLICT (observer) DO UPDATE SET "
        "request = excluded.request, positions = excluded.positions, evidence = excluded.evidence, read = 0, "
        "inserted = 0, started_at = excluded.started_at, seen_at = excluded.seen_at, finished_at = NULL",
        observer=task.region,
        request=request,
        positions=json.dumps(positions),
        evidence=json.dumps(evidence),
        now=task.now,
    )
    return TableRead(
        request=request,
        positions=positions,
        evidence=evidence,
        read=0,
        inserted=0,
        started_at=task.now,
        seen_at=task.now,
        finished=False,
    )


def _slice(task: Sweep, segment: int, positions: Positions, size: Size) -> tuple[list[Entry], str | None]:
    """Pages of the segment that make a slice, and the key that the last of them ends with."""
    entries: list[Entry] = []
    after = positions[segment]
    last = after if isinstance(after, str) else None
    size.begin()
    while True:
        page = task.journal.scan(segment, len(positions), last)
        entries += page.entries
        last = page.last
        if last is None or size.reached(entries):
            return entries, last


def _account(task: Sweep, known: TableRead, entries: list[Entry], before: Positions, after: Positions) -> None:
    """Account for a slice and note where it ends; the last one sets the marks to what the evidence allowed at first."""

    def unchanged() -> bool:
        rows = task.ledger.run(
            "SELECT request, positions FROM ledger.table_reads WHERE observer = :observer FOR UPDATE",
            observer=task.region,
        )
        return rows == [[known.request, json.dumps(before)]]

    def pass_over(inserted: int) -> None:
        finished = all(each is True for each in after)
        task.ledger.run(
            "UPDATE ledger.table_reads SET positions = :positions, read = read + :read, "
            "inserted = inserted + :inserted, seen_at = :now, "
            "finished_at = CASE WHEN :finished ::boolean THEN :now ::timestamptz END WHERE observer = :observer",
            observer=task.region,
            positions=json.dumps(after),
            read=len(entries),
            inserted=inserted,
            finished=finished,
            now=task.now,
        )
        if finished:
            _set_marks(task, known)

    account(task, entries, unchanged=unchanged, pass_over=pass_over, retry=known.request.startswith(ASKED))


def _set_marks(task: Sweep, known: TableRead) -> None:
    for origin, seen in known.evidence.items():
        heartbeat, risen = seen["heartbeat"], seen["risen"]
        if heartbeat is not None:
            set_cursor(task, origin, datetime.fromisoformat(heartbeat))
        if risen is not None:
            task.ledger.run(
                "INSERT INTO ledger.sweep_marks AS held (origin, mark, swept_at) VALUES (:origin, :mark, :now) "
                "ON CONFLICT (origin) DO UPDATE SET mark = greatest(held.mark, excluded.mark), "
                "swept_at = excluded.swept_at",
                origin=origin,
                mark=datetime.fromisoformat(risen),
                now=task.now,
            )
