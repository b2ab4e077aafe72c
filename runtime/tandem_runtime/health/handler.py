"""`health`: answers within a second whether this Region can take a transaction, and beats the Region's heart."""

from __future__ import annotations

import os
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from contract.environment import Health, Place, region_of
from contract.metrics import HEARTBEAT_AGE, REGION
from tandem_runtime.health.adapters import probe
from tandem_runtime.health.logic import Heard, age_of, own_endpoint
from tandem_runtime.shared import telemetry
from tandem_runtime.shared.clients import call_errors, client
from tandem_runtime.shared.heartbeats import Heartbeats
from tandem_runtime.shared.problems import Problem, json_response

if TYPE_CHECKING:
    from collections.abc import Mapping

region = region_of(os.environ)
place = Place.read(os.environ)
own = Health.read(os.environ)
logger = telemetry.logger(place.service)

_CALL_SECONDS = 0.4


@cache
def _dynamodb() -> Any:
    return client("dynamodb", region, seconds=_CALL_SECONDS, attempts=1)


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer a health check, or a schedule's invocation, with 200 while the local journal takes writes."""
    now = time.time()
    heartbeats = Heartbeats(_dynamodb(), place.operational_table)
    try:
        probe(_dynamodb(), place.journal_table, region=region, strong=own.strong_reads, now=now)
        heartbeats.beat(region, now, endpoint=own_endpoint(event), version=own.version)
    except call_errors() as error:
        logger.exception("the local journal does not take writes")
        return Problem(503, f"{region} does not take writes: {type(error).__name__}").response()
    _measure(heartbeats, now)
    return json_response(200, {"status": "ok", "region": region})


def _measure(heartbeats: Heard, now: float) -> None:
    """Emit the age of the other Region's heartbeat as it is seen here; the answer never depends on it."""
    if not place.other_region:
        return
    try:
        age = age_of(place.other_region, heartbeats, now)
    except call_errors():
        logger.warning("heartbeat of %s could not be read", place.other_region)
        return
    if age is not None:
        telemetry.emit({HEARTBEAT_AGE: age}, place=place, unit="Seconds", dimensions={REGION: place.other_region})
