"""`sweeper`: on a schedule in both Regions, after a failover, and behind `tandem reconcile`."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from tandem_runtime import telemetry
from tandem_runtime.clients import client
from tandem_runtime.heartbeats import Heartbeats
from tandem_runtime.journal import Journal
from tandem_runtime.ledger_connection import LedgerConnection
from tandem_runtime.quarantine import Quarantine
from tandem_runtime.settings import LedgerSettings, Settings
from tandem_runtime.sweeper.logic import Sweep, sweep

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = telemetry.logger()
settings = Settings.read(os.environ)

_INTERVAL = timedelta(minutes=10)


@cache
def _ledger() -> LedgerConnection:
    return LedgerConnection(LedgerSettings.read(os.environ))


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Sweep every origin where the local ledger takes writes; `{"since": RFC 3339}` or `"beginning"` widens it."""
    ledger = _ledger()
    if ledger.replica:
        ledger.close()
        return {"role": "replica", "swept": False}
    dynamodb = client("dynamodb", settings.region, seconds=10)
    quarantine = Quarantine(dynamodb, settings.operational_table)
    heartbeats = Heartbeats(dynamodb, settings.operational_table)
    now = datetime.now(UTC)
    since, everything = _since(event.get("since")), event.get("since") == "beginning"
    task = Sweep(
        journal=Journal(dynamodb, settings.journal_table),
        ledger=ledger,
        quarantine=quarantine.keep,
        margin=timedelta(seconds=float(os.environ["TANDEM_SWEEP_MARGIN_SECONDS"])),
        interval=_INTERVAL,
        now=now,
        everything=everything,
    )
    marks = {}
    for origin in settings.origins:
        at = heartbeats.latest(origin)
        mark = sweep(task, origin, datetime.fromtimestamp(at, UTC) if at is not None else None, since)
        marks[origin] = mark.isoformat() if mark else None
    ledger.close_if_idle()
    telemetry.emit({"SweepInserted": task.inserted})
    logger.info("swept", extra={"read": task.read, "inserted": task.inserted, "marks": marks})
    return {"role": "writer", "swept": True, "read": task.read, "inserted": task.inserted, "marks": marks}


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
