"""`sweeper`: runs on a schedule in both Regions, after a failover, and for `tandem reconcile`."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from contract.environment import LedgerAccess, Place, Sweeper, region_of
from contract.limits import SWEEP_INTERVAL_SECONDS
from contract.metrics import QUARANTINE_HELD, SWEEP_INSERTED
from tandem_runtime.shared import telemetry
from tandem_runtime.shared.clients import client
from tandem_runtime.shared.deadline import Deadline
from tandem_runtime.shared.heartbeats import Heartbeats
from tandem_runtime.shared.journal import Journal
from tandem_runtime.shared.ledger_connection import LedgerConnection
from tandem_runtime.shared.quarantine import Quarantine
from tandem_runtime.sweeper.logic import Sweep, sweep
from tandem_runtime.sweeper.release import look_again

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

region = region_of(os.environ)
place = Place.read(os.environ)
access = LedgerAccess.read(os.environ)
margin = timedelta(seconds=Sweeper.read(os.environ).sweep_margin_seconds)
logger = telemetry.logger(place.service)
_deadline = Deadline()

_INTERVAL = timedelta(seconds=SWEEP_INTERVAL_SECONDS)


@cache
def _ledger() -> LedgerConnection:
    return LedgerConnection(access, region=region, deadline=_deadline)


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Sweep every origin where the local ledger takes writes; `{"since": RFC 3339}` or `"beginning"` widens it.

    `{"release": [key, ...]}`, or `"all"`, sweeps nothing: it looks again at those items in quarantine.
    """
    _deadline.start(context)
    ledger = _ledger()
    dynamodb = client("dynamodb", region, seconds=10)
    quarantine = Quarantine(dynamodb, place.operational_table, region)
    if ledger.replica:
        ledger.close()
        _tell_held(sum(each.released_at is None for each in quarantine.everything()))
        return {"role": "replica", "swept": False}
    journal = Journal(dynamodb, place.journal_table)
    now = datetime.now(UTC)
    to_release = event.get("release")
    answer: dict[str, Any] = {"role": "writer"}
    if to_release is None:
        answer |= {"swept": True, **_sweep(event.get("since"), journal, quarantine, now)}
    looked = look_again(quarantine, journal, ledger, now=now, margin=margin, asked=_asked(to_release))
    _tell_held(looked.still_held)
    if to_release is not None or looked.staying:
        outcome = {"released": looked.released, "staying": looked.staying}
        answer |= outcome
        logger.info("looked at the quarantine again", extra=outcome)
    ledger.close_if_idle()
    return {**answer, "held": looked.still_held}


def _sweep(since: object, journal: Journal, quarantine: Quarantine, now: datetime) -> dict[str, Any]:
    heartbeats = Heartbeats(client("dynamodb", region, seconds=10), place.operational_table)
    task = Sweep(
        region=region,
        journal=journal,
        ledger=_ledger(),
        quarantine=quarantine.keep,
        margin=margin,
        interval=_INTERVAL,
        now=now,
        everything=since == "beginning",
        asked_for=bool(since),
    )
    marks = {}
    for origin in (region, place.other_region) if place.other_region else (region,):
        alive_at = heartbeats.latest(origin)
        heartbeat = None if alive_at is None else datetime.fromtimestamp(alive_at, UTC)
        mark = sweep(task, origin, heartbeat, _since(since))
        marks[origin] = mark.isoformat() if mark else None
    telemetry.emit({SWEEP_INSERTED: task.inserted}, place=place)
    logger.info("swept", extra={"read": task.read, "inserted": task.inserted, "marks": marks})
    return {"read": task.read, "inserted": task.inserted, "marks": marks}


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


def _since(value: object) -> datetime | None:
    if value in (None, "", "beginning"):
        return None
    try:
        since = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError(f"since {value!r} is not a time: give RFC 3339 or beginning") from error
    if since.tzinfo is None:
        raise ValueError(f"since {value!r} has no time zone: add Z or an offset")
    return since
