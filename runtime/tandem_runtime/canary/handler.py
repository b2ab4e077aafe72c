"""`canary`: posts a tiny transaction to the Region that its event names, and measures what becomes of it.

A schedule invokes it every minute, once for each Region. So the standby is used all the time, and what it would lose
and how far it is behind are measured from end to end.
"""

from __future__ import annotations

import os
import time
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from contract.environment import Canary, Place, region_of
from contract.metrics import CANARY_ACKNOWLEDGED, CANARY_DOMAIN, CANARY_STATE, REGION
from tandem_runtime.canary.adapters import Observations, RegionApis, signer
from tandem_runtime.canary.logic import arrivals, seen, transaction_of
from tandem_runtime.shared import telemetry
from tandem_runtime.shared.clients import client
from tandem_runtime.shared.heartbeats import Heartbeats
from tandem_runtime.shared.signs import ALIVE, LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

region = region_of(os.environ)
place = Place.read(os.environ)
own = Canary.read(os.environ)
logger = telemetry.logger(place.service)

_MEASURE_SECONDS = 15.0
"""How long a transaction is looked for: its metric is missing when it has not arrived by then."""


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Post to the Region `target`, note what that says of it, then measure. Raises what DynamoDB raises."""
    target, now = str(event["target"]), time.time()
    dynamodb = client("dynamodb", region)
    heartbeats = Heartbeats(dynamodb, place.operational_table)
    apis = RegionApis(urls=heartbeats.endpoint, sign=signer())
    answer = apis.post(target, _key(target))
    state = seen(answer)
    if own.observations_table:
        Observations(dynamodb, own.observations_table).note(target, state, now)
    of_target = {REGION: target}
    telemetry.emit({CANARY_STATE: LEVELS[state]}, place=place, dimensions=of_target)
    logger.info("posted", extra={"target": target, "state": state, "status": answer.status, "error": answer.error})
    if target == region and own.api_name and own.api_target:
        named = apis.post_by_name(target, _key(target), name=own.api_name, target=own.api_target)
        valid = seen(named) == ALIVE
        telemetry.emit({CANARY_DOMAIN: 0.0 if valid else 1.0}, place=place, dimensions=of_target)
        if not valid:
            logger.warning("the API's own name", extra={"status": named.status, "error": named.error})
    transaction_id = transaction_of(answer)
    if transaction_id is None:
        return {"target": target, "state": state}
    telemetry.emit({CANARY_ACKNOWLEDGED: answer.seconds}, place=place, unit="Seconds", dimensions=of_target)
    measured = arrivals(
        transaction_id,
        apis,
        taken_in=target,
        regions=sorted({region, place.other_region or region}),
        clock=time.monotonic,
        sleep=time.sleep,
        until=time.monotonic() + _MEASURE_SECONDS,
    )
    for metric, where, seconds in measured:
        telemetry.emit({metric: seconds}, place=place, unit="Seconds", dimensions={REGION: where})
    return {"target": target, "state": state, "transaction": transaction_id}


def _key(target: str) -> str:
    return f"canary-{region}-{target}-{token_hex(8)}"
