"""`sweeper`: runs on a schedule in both Regions, after a failover, and for commands."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from contract.environment import LedgerAccess, Place, Sweeper, region_of
from contract.metrics import MARK_AGE, QUARANTINE_HELD, REGION, SWEEP_INSERTED, SWEEP_LAG
from tandem_runtime.shared import telemetry
from tandem_runtime.shared.clients import client
from tandem_runtime.shared.deadline import Deadline
from tandem_runtime.shared.heartbeats import Heartbeats
from tandem_runtime.shared.journal import Journal
from tandem_runtime.shared.ledger_connection import LedgerConnection
from tandem_runtime.shared.quarantine import Quarantine
from tandem_runtime.sweeper.evidence import Observations, Seen
from tandem_runtime.sweeper.idle import Idle
from tandem_runtime.sweeper.lag import Lag, positions
from tandem_runtime.sweeper.logic import Asked, alone, sweep
from tandem_runtime.sweeper.ports import Sweep
from tandem_runtime.sweeper.release import look_again

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


region = region_of(os.environ)
place = Place.read(os.environ)
access = LedgerAccess.read(os.environ)
margin = timedelta(seconds=Sweeper.read(os.environ).sweep_margin_seconds)
logger = telemetry.logger(place.service)
_deadline = Deadline()

_PAUSES = access.ledger_idle_seconds is not None and place.other_region is None
"""Whether the ledger may sleep: where another Region replicates it, it is connected to every minute."""

WORK_SECONDS = 50.0
"""How long one run reads, less than the schedule's interval; what is left is the next run's."""


@cache
def _ledger() -> LedgerConnection:
    return LedgerConnection(access, region=region, deadline=_deadline)


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Sweep every origin where the local ledger takes writes, for as long as a run may work.

    `{"since": "beginning"}` reads the whole journal, `"mark"` from the marks on, RFC 3339 from that time on; the answer
    names the `request`, and says `done` when nothing is left: whoever asked asks again with it. `{"release": [key,
    ...]}`, or `"all"`, sweeps nothing: it looks again at those items in quarantine.
    """
    _deadline.start(context)
    dynamodb = client("dynamodb", region, seconds=10)
    now = datetime.now(UTC)
    seen = _look(dynamodb, now)  # before the ledger, whose absence breaks no evidence
    journal = Journal(dynamodb, place.journal_table)
    idle = Idle(dynamodb, place.operational_table, region) if _PAUSES else None
    if idle and _by_schedule(event) and idle.may_skip(journal, now):
        _tell({region: Lag(0.0, 0.0)})
        return {"swept": False, "skipped": True}
    ledger = _ledger()
    ledger.close_if_dropped()
    quarantine = Quarantine(dynamodb, place.operational_table, region)
    if ledger.replica:
        _tell(positions(ledger, seen, now))
        ledger.close()
        _tell_held(sum(each.released_at is None for each in quarantine.everything()))
        return {"role": "replica", "swept": False}
    with alone(ledger) as free:
        answer = _work(event, ledger, journal, quarantine, seen, now) if free else {"swept": False, "busy": True}
    lags = _tell(positions(ledger, seen, now))
    if idle and "complete" in answer:
        at_rest = answer["held"] == 0 and all(lag.mark_age == 0 for lag in lags.values())
        idle.note(now, settled=bool(answer["complete"] and lags and at_rest))
    ledger.close_if_idle()
    return {"role": "writer", **answer}


def _work(  # noqa: PLR0917 - what a run works with
    event: Mapping[str, Any],
    ledger: LedgerConnection,
    journal: Journal,
    quarantine: Quarantine,
    seen: Mapping[str, Seen],
    now: datetime,
) -> dict[str, Any]:
    """Sweep, or look at what is to be released; then look again at what was released, and tell what is held."""
    ends = time.monotonic() + WORK_SECONDS
    to_release = event.get("release")
    answer: dict[str, Any] = {}
    if to_release is None:
        task = Sweep(
            region=region,
            journal=journal,
            ledger=ledger,
            quarantine=quarantine.keep,
            seen=seen,
            now=now,
            more=lambda: time.monotonic() < ends,
        )
        answer |= _sweep(task, _asked_for(event))
    looked = look_again(quarantine, journal, ledger, now=now, margin=margin, asked=_asked(to_release))
    _tell_held(looked.still_held)
    if to_release is not None or looked.staying:
        outcome = {"released": looked.released, "staying": looked.staying}
        answer |= outcome
        logger.info("looked at the quarantine again", extra=outcome)
    return {**answer, "held": looked.still_held}


def _look(dynamodb: Any, now: datetime) -> dict[str, Seen]:
    """What is seen of each origin's heart, which becomes evidence."""
    heartbeats = Heartbeats(dynamodb, place.operational_table)
    observations = Observations(dynamodb, place.operational_table, observer=region, margin=margin)
    seen = {}
    for origin in _origins():
        at = heartbeats.latest(origin)
        seen[origin] = observations.look(origin, None if at is None else datetime.fromtimestamp(at, UTC), now)
    return seen


def _origins() -> tuple[str, ...]:
    return (region, place.other_region) if place.other_region else (region,)


def _sweep(task: Sweep, asked: Asked | None) -> dict[str, Any]:
    swept = sweep(task, list(task.seen), asked)
    if swept.busy:
        return {"swept": False, "busy": True}
    marks = {origin: mark.isoformat() if mark else None for origin, mark in swept.marks.items()}
    telemetry.emit({SWEEP_INSERTED: task.inserted}, place=place)
    answer = {
        "read": task.read,
        "inserted": task.inserted,
        "marks": marks,
        "complete": swept.complete,
        "done": swept.done,
        "request": swept.request,
        "progress": swept.progress,
    }
    logger.info("swept", extra=answer)
    return {"swept": True, **answer}


def _asked(to_release: object) -> Callable[[str], bool]:
    if to_release == "all":
        return lambda _: True
    keys = frozenset(map(str, to_release)) if isinstance(to_release, list) else frozenset()
    return keys.__contains__


def _tell_held(count: int) -> None:
    """Emit how many items are held in quarantine.

    Every sweep in both Regions emits the number, even zero: the alarm on it stays red until everything is released.
    """
    telemetry.emit({QUARANTINE_HELD: count}, place=place)


def _tell(lags: dict[str, Lag]) -> dict[str, Lag]:
    """Emit how old each origin's mark is, and how far sweeps are behind, in both Regions and at every run."""
    for origin, known in lags.items():
        metrics = {MARK_AGE: known.mark_age, SWEEP_LAG: known.lag}
        telemetry.emit(metrics, place=place, unit="Seconds", dimensions={REGION: origin})
    return lags


def _by_schedule(event: Mapping[str, Any]) -> bool:
    """Whether the schedule asks, and neither a command nor an event of Aurora's (EventBridge User Guide, schedules)."""
    return event.get("source") == "aws.events" and event.get("detail-type") == "Scheduled Event"


def _asked_for(event: Mapping[str, Any]) -> Asked | None:
    since, request = event.get("since"), event.get("request")
    request = str(request) if request else None
    if since in (None, ""):
        return None
    if since == "beginning":
        return Asked(whole=True, request=request)
    return Asked(since=None if since == "mark" else _time(since), request=request)


def _time(value: object) -> datetime:
    try:
        since = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError(f"since {value!r} is not a time: give RFC 3339, mark or beginning") from error
    if since.tzinfo is None:
        raise ValueError(f"since {value!r} has no time zone: add Z or an offset")
    return since
