"""The reads of one origin's items, each in slices: what is new, what the mark is about to pass, what was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tandem_runtime.sweeper.account import account
from tandem_runtime.sweeper.evidence import SLACK
from tandem_runtime.sweeper.positions import Asked, Cursor, Mark, Position
from tandem_runtime.sweeper.slices import Size, slices

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tandem_runtime.sweeper.ports import Sweep


def new_items(task: Sweep, origin: str) -> Iterator[None]:
    """Read what is new since the cursor, less an overlap, up to the latest heartbeat that was seen here.

    It only makes repairs early: no mark rises on it. The cursor never passes the heartbeat, because what the origin
    recorded after it may be on its way.
    """
    heartbeat = task.seen[origin].heartbeat
    mark = mark_of(task, origin)
    if heartbeat is None:
        return
    if mark is not None:
        # a ledger that has come from the other Region has no cursor of this one: what is not vouched for is new
        set_cursor(task, origin, mark)
    rows = task.ledger.run(
        "SELECT swept_until FROM ledger.sweep_cursors WHERE observer = :observer AND origin = :origin",
        observer=task.region,
        origin=origin,
    )
    if not rows:
        return  # the whole table is read first
    until: datetime = rows[0][0]
    start = min(until, heartbeat) - task.overlap
    if mark is not None:
        start = max(start, mark)
    yield from _read(task, origin, Cursor(observer=task.region, origin=origin), at=until, start=start, end=heartbeat)


def due_items(task: Sweep, origin: str) -> Iterator[None]:
    """Read once what the mark is about to pass, at an age of the margin: this alone is the guarantee."""
    risen, mark = task.seen[origin].risen, mark_of(task, origin)
    if risen is None or mark is None:
        return
    yield from _read(task, origin, Mark(origin=origin, now=task.now), at=mark, start=mark, end=risen)


def asked_items(task: Sweep, origin: str, request: str) -> Iterator[None]:
    """Read what somebody asked for, and try again what the ledger has rejected."""
    rows = task.ledger.run(
        "SELECT position, ends FROM ledger.asked_reads "
        "WHERE observer = :observer AND origin = :origin AND request = :request",
        observer=task.region,
        origin=origin,
        request=request,
    )
    for position, ends in rows:
        asked = Asked(observer=task.region, origin=origin, request=request)
        yield from _read(task, origin, asked, at=position, start=position, end=ends, retry=True)


def ask(task: Sweep, origin: str, request: str, since: datetime | None) -> None:
    """Begin to read for `request` what was recorded from `since` on, or from the mark; one that has begun goes on."""
    begins = since or mark_of(task, origin)
    if begins is None:
        return  # the whole table is read for an origin without a mark
    ends = task.now + SLACK
    task.ledger.run(
        "INSERT INTO ledger.asked_reads AS held (observer, origin, request, begins, position, ends) "
        "VALUES (:observer, :origin, :request, :begins, :begins, :ends) "
        "ON CONFLICT (observer, origin) DO UPDATE SET request = excluded.request, begins = excluded.begins, "
        "position = excluded.position, ends = excluded.ends WHERE held.request <> excluded.request",
        observer=task.region,
        origin=origin,
        request=request,
        begins=begins,
        ends=ends,
    )


def set_cursor(task: Sweep, origin: str, until: datetime) -> None:
    """Begin a cursor where this Region has none of the origin."""
    task.ledger.run(
        "INSERT INTO ledger.sweep_cursors (observer, origin, swept_until) VALUES (:observer, :origin, :until) "
        "ON CONFLICT DO NOTHING",
        observer=task.region,
        origin=origin,
        until=until,
    )


def mark_of(task: Sweep, origin: str) -> datetime | None:
    """The origin's mark, None while it has none."""
    rows = task.ledger.run("SELECT mark FROM ledger.sweep_marks WHERE origin = :origin", origin=origin)
    mark: datetime | None = rows[0][0] if rows else None
    return mark


def _read(
    task: Sweep,
    origin: str,
    position: Position,
    *,
    at: datetime,
    start: datetime,
    end: datetime,
    retry: bool = False,
) -> Iterator[None]:
    """Read from `start` to `end` in slices, while the position moves from `at` as this read moves it and no other."""
    if start >= end:
        return
    size = Size(task.slice_items, task.slice_seconds, task.clock)
    for each in slices(task.journal, origin, start, end, size):
        account(
            task,
            each.entries,
            unchanged=lambda at=at: position.lock(task.ledger) == at,  # type: ignore[misc] # mypy infers no default
            pass_over=lambda _, each=each: position.pass_over(task.ledger, each),  # type: ignore[misc] # as above
            retry=retry,
        )
        at = max(at, each.end)
        yield
