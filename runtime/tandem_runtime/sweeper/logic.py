"""The sweep: it brings the ledger up to the journal, whatever the stream has delivered.

A ledger holds a mark for each origin, which is the Region that recorded a transaction: every journal item that the
origin recorded before its mark is in that ledger. A sweep reads what is new, and once more what the mark is about to
pass. It works in slices, each of which inserts its rows and raises its position in one transaction of the ledger.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tandem_runtime.shared.ledger_errors import LedgerUnavailableError
from tandem_runtime.sweeper import table_read
from tandem_runtime.sweeper.passes import ask, asked_items, due_items, mark_of, new_items
from tandem_runtime.sweeper.positions import PositionMovedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from tandem_runtime.shared.ledger_connection import Rows
    from tandem_runtime.sweeper.ports import Sweep

_LOCK = 0x74616E64656D
"""The advisory lock of a ledger that one sweep holds: any number, as long as nothing else uses it."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody asks for: the whole table, or what was recorded from `since` on, None for from each mark on.

    `request` names a read that was asked for before, and is to go on.
    """

    whole: bool = False
    since: datetime | None = None
    request: str | None = None


@dataclass(kw_only=True)
class Swept:
    """What a sweep came to. `busy`: another one holds the ledger, and this one has done nothing.

    `complete` says that nothing is left to read of what was due, `done` the same of what was asked for by `request`.
    """

    busy: bool = False
    complete: bool = False
    done: bool = False
    request: str | None = None
    progress: dict[str, Any] | None = None
    marks: Mapping[str, datetime | None] = field(default_factory=dict)


def sweep(task: Sweep, origins: Sequence[str], asked: Asked | None = None) -> Swept:
    """Sweep what `origins` have recorded as long as `task.more` allows; only one sweep works on a ledger at a time.

    Raises LedgerUnavailableError and what DynamoDB raises. What was committed by then stays, and is not read again.
    """
    with alone(task.ledger) as free:
        return _sweep(task, origins, asked) if free else Swept(busy=True)


@contextmanager
def alone(ledger: Rows) -> Iterator[bool]:
    """Hold the ledger's lock, if it is free, which is said; whoever holds it already holds it twice.

    It belongs to the session and not to a transaction (PostgreSQL, Advisory Locks), so it ends with the connection.
    """
    if not ledger.run("SELECT pg_try_advisory_lock(:lock ::bigint)", lock=_LOCK)[0][0]:
        yield False
        return
    try:
        yield True
    except LedgerUnavailableError:
        raise  # the connection is closed, and its lock with it
    except BaseException:
        _unlock(ledger)
        raise
    _unlock(ledger)


def _unlock(ledger: Rows) -> None:
    ledger.run("SELECT pg_advisory_unlock(:lock ::bigint)", lock=_LOCK)


def _sweep(task: Sweep, origins: Sequence[str], asked: Asked | None) -> Swept:
    request = None
    passes = {f"{read.__name__} {origin}": read(task, origin) for origin in origins for read in (new_items, due_items)}
    for_asked: dict[str, Iterator[None]] = {}
    whole = table_read.asked(task, asked.request) if asked and asked.whole else table_read.wanted(task, origins)
    if asked and asked.whole:
        request = whole
    elif asked:
        request = asked.request or f"{table_read.ASKED} {task.region} {task.now.isoformat()}"
        for origin in origins:
            ask(task, origin, request, asked.since)
            for_asked[f"asked {origin}"] = asked_items(task, origin, request)
    if whole:
        for_asked["table"] = table_read.read_table(task, whole)
    finished = _take_turns(task, {**for_asked, **passes})
    known = table_read.latest(task)
    return Swept(
        complete=finished == {*passes, *for_asked},
        done=finished >= set(for_asked),
        request=request,
        progress=known.progress() if known and whole else None,
        marks={origin: mark_of(task, origin) for origin in origins},
    )


def _take_turns(task: Sweep, passes: Mapping[str, Iterator[None]]) -> set[str]:
    """Take a slice of each pass in turn, while there is time; returns the names of those that came to their end.

    A pass whose position was moved by somebody else ends without having come to its end: the next sweep begins anew.
    """
    left, finished = dict(passes), set[str]()
    while left:
        for name, each in passes.items():
            if name not in left:
                continue
            if not task.more():
                return finished
            try:
                next(each)
            except StopIteration:
                finished.add(name)
                del left[name]
            except PositionMovedError:
                del left[name]
    return finished
