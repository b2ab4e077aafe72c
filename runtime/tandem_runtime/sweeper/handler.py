"""`sweeper`: on a schedule in both Regions, after a failover, and behind `tandem reconcile`."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from contract.limits import SWEEP_INTERVAL_SECONDS
from contract.metrics import QUARANTINE_HELD, SWEEP_INSERTED
from tandem_runtime.shared import telemetry
from tandem_runtime.shared.clients import client
from tandem_runtime.shared.deadline import Deadline
from tandem_runtime.shared.heartbeats import Heartbeats
from tandem_runtime.shared.journal import Journal
from tandem_runtime.shared.ledger_connection import LedgerConnection
from tandem_runtime.shared.quarantine import Quarantine
from tandem_runtime.shared.settings import LedgerSettings, Settings
from tandem_runtime.sweeper.logic import Sweep, sweep
from tandem_runtime.sweeper.release import look_again

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

logger = telemetry.logger()
settings = Settings.read(os.environ)
_deadline = Deadline()

_INTERVAL = timedelta(seconds=SWEEP_INTERVAL_SECONDS)


@cache
def _ledger() -> LedgerConnection:
    return LedgerConnection(LedgerSettings.read(os.environ), _deadline)


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Sweep every origin where the local ledger takes writes; `{"since": RFC 3339}` or `"beginning"` widens it.

    `{"release": [key, ...]}`, or `"all"`, looks again at those items in quarantine instead.
    """
    _deadline.start(context)
    ledger = _ledger()
    dynamodb = client("dynamodb", settings.region, seconds=10)
    quarantine = Quarantine(dynamodb, settings.operational_table, settings.region)
    if ledger.replica:
        ledger.close()
        _tell_held(sum(each.released_at is None for each in quarantine.everything()))
        return {"role": "replica", "swept": False}
    journal = Journal(dynamodb, settings.journal_table)
    margin = timedelta(seconds=float(os.environ["TANDEM_SWEEP_MARGIN_SECONDS"]))
    now = datetime.now(UTC)
    wanted = event.get("release")
    answer: dict[str, Any] = {"role": "writer"}
    if wanted is None:
        answer |= {"swept": True, **_sweep(event.get("since"), journal, quarantine, margin, now)}
    found = look_again(quarantine, journal, ledger, now=now, margin=margin, asked=_asked(wanted))
    _tell_held(found.held)
    if wanted is not None or found.staying:
        answer |= {"released": found.released, "staying": found.staying}
        logger.info("looked at the quarantine again", extra={"released": found.released, "staying": found.staying})
    ledger.close_if_idle()
    return {**answer, "held": found.held}


def _sweep(since: object, journal: Journal, quarantine: Quarantine, margin: timedelta, now: datetime) -> dict[str, Any]:
    heartbeats = Heartbeats(client("dynamodb", settings.region, seconds=10), settings.operational_table)
    task = Sweep(
        region=settings.region,
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
    for origin in settings.origins:
        at = heartbeats.latest(origin)
        mark = sweep(task, origin, datetime.fromtimestamp(at, UTC) if at is not None else None, _since(since))
        marks[origin] = mark.isoformat() if mark else None
    telemetry.emit({SWEEP_INSERTED: task.inserted})
    logger.info("swept", extra={"read": task.read, "inserted": task.inserted, "marks": marks})
    return {"read": task.read, "inserted": task.inserted, "marks": marks}


def _asked(wanted: object) -> Callable[[str], bool]:
    if wanted == "all":
        return lambda _: True
    keys = frozenset(map(str, wanted)) if isinstance(wanted, list) else frozenset()
    return keys.__contains__


def _tell_held(count: int) -> None:
    """As a gauge, by every sweep in both Regions: the alarm on it stays red until all is released."""
    telemetry.emit({QUARANTINE_HELD: count})


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
