"""`health`: is this Region able to take a transaction? Answers within a second, and beats the heart."""

from __future__ import annotations

import os
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from contract.metrics import HEARTBEAT_AGE, REGION
from tandem_runtime.health.logic import own_endpoint
from tandem_runtime.shared import telemetry
from tandem_runtime.shared.clients import call_errors, client
from tandem_runtime.shared.heartbeats import Heartbeats, probe
from tandem_runtime.shared.problems import Problem, json_response
from tandem_runtime.shared.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = telemetry.logger()
settings = Settings.read(os.environ)

_CALL_SECONDS = 0.4


@cache
def _dynamodb() -> Any:
    return client("dynamodb", settings.region, seconds=_CALL_SECONDS, attempts=1)


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer a health check, or a schedule's invocation, with 200 while the local journal takes writes."""
    now = time.time()
    heartbeats = Heartbeats(_dynamodb(), settings.operational_table)
    try:
        strong = os.environ.get("TANDEM_STRONG_READS") == "true"
        probe(_dynamodb(), settings.journal_table, region=settings.region, strong=strong, now=now)
        heartbeats.beat(settings.region, now, endpoint=own_endpoint(event))
    except call_errors() as error:
        logger.exception("the local journal does not take writes")
        return Problem(503, f"{settings.region} does not take writes: {type(error).__name__}").response()
    _measure(heartbeats, now)
    return json_response(200, {"status": "ok", "region": settings.region})


def _measure(heartbeats: Heartbeats, now: float) -> None:
    """Emit the age of the other Region's heartbeat as seen here: it never affects the answer."""
    if not settings.other_region:
        return
    try:
        seen = heartbeats.latest(settings.other_region)
    except call_errors():
        logger.warning("heartbeat of %s could not be read", settings.other_region)
        return
    if seen is not None:
        age = max(0.0, now - seen)
        telemetry.emit({HEARTBEAT_AGE: age}, unit="Seconds", dimensions={REGION: settings.other_region})
