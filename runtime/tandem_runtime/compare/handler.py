"""`compare`: asked by `tandem compare`; it runs in the secondary Region and reaches the other over the peering."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from contract.environment import Compare, LedgerAccess, Place, region_of
from contract.metrics import LEDGER_DIFFERENCES
from tandem_runtime.compare.adapters import RegionLedger
from tandem_runtime.compare.logic import Span, compare
from tandem_runtime.shared import telemetry
from tandem_runtime.shared.deadline import Deadline
from tandem_runtime.shared.ledger_connection import LedgerConnection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

region = region_of(os.environ)
place = Place.read(os.environ)
access = LedgerAccess.read(os.environ)
own = Compare.read(os.environ)
logger = telemetry.logger(place.service)
_deadline = Deadline()

_SPAN = timedelta(hours=1)
_SETTLED = timedelta(seconds=60)
"""What was recorded less than this ago may still be on its way into both ledgers."""

_LOOKS = 10
_PAUSE_SECONDS = 1.0


@cache
def _ledgers() -> tuple[RegionLedger, RegionLedger]:
    other = str(place.other_region)
    far = LedgerAccess(
        ledger_writer_host=own.far_writer_host,
        ledger_reader_host=own.far_reader_host,
        ledger_port=own.far_port,
        ledger_database=access.ledger_database,
        ledger_user=access.ledger_user,
        ledger_idle_seconds=access.ledger_idle_seconds,
    )
    near = LedgerConnection(access, region=region, deadline=_deadline)
    return RegionLedger(near, region), RegionLedger(LedgerConnection(far, region=other, deadline=_deadline), other)


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Compare what was recorded in the last hour, or from `since` until `until` (RFC 3339), in both ledgers."""
    _deadline.start(context)
    until = _time("until", event.get("until")) or datetime.now(UTC) - _SETTLED
    since = _time("since", event.get("since")) or until - _SPAN
    if since >= until:
        raise ValueError(f"since {since.isoformat()} is not before until {until.isoformat()}: give an earlier time")
    near, far = _ledgers()
    try:
        answer = compare(near, far, Span(since=since.isoformat(), until=until.isoformat()), later=_later())
    finally:
        near.close()
        far.close()
    telemetry.emit({LEDGER_DIFFERENCES: answer["differing_minutes"]}, place=place)
    logger.info("compared", extra={name: answer[name] for name in ("minutes", "entries", "differing_minutes")})
    return answer


def _later() -> Callable[[], bool]:
    looks = iter(range(_LOOKS))

    def later() -> bool:
        if next(looks, None) is None:
            return False
        time.sleep(_deadline.within(_PAUSE_SECONDS))
        return True

    return later


def _time(name: str, value: object) -> datetime | None:
    if value in (None, ""):
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError(f"{name} {value!r} is not a time: give RFC 3339") from error
    if moment.tzinfo is None:
        raise ValueError(f"{name} {value!r} has no time zone: add Z or an offset")
    return moment.astimezone(UTC)
