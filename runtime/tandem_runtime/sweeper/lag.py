"""How old the marks are, and how far sweeps are behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tandem_runtime.shared.ledger_connection import Rows
    from tandem_runtime.sweeper.evidence import Seen

_POSITIONS = """
SELECT origin, (SELECT mark FROM ledger.sweep_marks m WHERE m.origin = o.origin), max(newest), max(swept_until)
FROM (SELECT origin FROM ledger.sweep_marks UNION SELECT origin FROM ledger.sweep_cursors) AS o
LEFT JOIN ledger.sweep_cursors USING (origin) GROUP BY origin
"""
_MOMENT = timedelta(seconds=1)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Lag(NamedTuple):
    """In seconds: the age of an origin's mark, and how far sweeps are behind what was heard of the origin."""

    mark_age: float
    lag: float


def positions(ledger: Rows, seen: Mapping[str, Seen], now: datetime) -> dict[str, Lag]:
    """Tell both of each origin that was ever heard of; a replica tells them of what was replicated.

    A mark is no older than the oldest item that it does not vouch for, so its age is that item's at most. It is 0 when
    nothing was recorded since. An origin without a mark has been without one since it was first heard of: the first
    mark of a new stage comes a margin after that. An origin without a cursor has everything ahead of it.
    """
    held = {origin: rest for origin, *rest in ledger.run(_POSITIONS)}
    told = {}
    for origin, known in seen.items():
        if known.heartbeat is None:
            continue
        mark, newest, until = held.get(origin, [None, None, None])
        settled = mark is not None and (newest is None or newest < mark)
        # never 0 without a mark, because 0 says that nothing is left to vouch for
        mark_age = timedelta() if settled else max(_MOMENT, now - (mark or known.since or _NEVER))
        behind = known.heartbeat - (until or _NEVER)
        told[origin] = Lag(mark_age.total_seconds(), max(0.0, behind.total_seconds()))
    return told
