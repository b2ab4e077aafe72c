"""`capacity`: a schedule asks every few minutes whether the Region could do what the other one does."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from contract.environment import Capacity, Place, region_of
from contract.metrics import CONCURRENCY_SHORTFALL, PROJECTOR_DEMAND, REGION
from tandem_runtime.capacity.adapters import limit, open_shards, peak
from tandem_runtime.capacity.logic import demand, shortfall
from tandem_runtime.shared import telemetry
from tandem_runtime.shared.clients import client

if TYPE_CHECKING:
    from collections.abc import Mapping

region = region_of(os.environ)
place = Place.read(os.environ)
own = Capacity.read(os.environ)
logger = telemetry.logger(place.service)


def handler(_event: Mapping[str, Any], _context: object) -> dict[str, float | None]:
    """Tell both metrics; the shortfall only where the other Region answers. Raises what this Region's AWS raises."""
    wanted = demand(open_shards(client("dynamodbstreams", region), own.journal_stream_arn), own.projector_lanes)
    telemetry.emit({PROJECTOR_DEMAND: float(wanted)}, place=place)
    lacking = None
    if place.other_region:
        used = peak(client("cloudwatch", place.other_region, attempts=2), datetime.now(UTC))
        lacking = shortfall(limit(client("lambda", region)), used)
        if lacking is not None:
            telemetry.emit({CONCURRENCY_SHORTFALL: lacking}, place=place, dimensions={REGION: place.other_region})
    told = {"projector_demand": float(wanted), "concurrency_shortfall": lacking}
    logger.info("looked", extra=told)
    return told
