"""`recover`: asked by the secondary Region's recovery alarm, and every minute by a schedule."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from contract.environment import Place, Recover, region_of
from tandem_runtime.recover.adapters import Primary, StageRecovery
from tandem_runtime.recover.logic import Signals, limit_of, recover
from tandem_runtime.shared import telemetry
from tandem_runtime.shared.clients import client
from tandem_runtime.shared.heartbeats import Heartbeats

if TYPE_CHECKING:
    from collections.abc import Mapping

region = region_of(os.environ)
place = Place.read(os.environ)
own = Recover.read(os.environ)
logger = telemetry.logger(place.service)


def handler(event: Mapping[str, Any], _context: object) -> dict[str, object]:
    """Decide on two independent signals, then start the recovery."""
    heartbeats = Heartbeats(client("dynamodb", region), place.operational_table)
    primary_region = place.other_region or ""
    heard_at = heartbeats.latest(primary_region)
    primary = Primary(heartbeats.endpoint(primary_region))
    recovery = StageRecovery(
        rds=client("rds", region, seconds=20),
        functions=client("lambda", region, seconds=20),
        region_switch=client("arc-region-switch", region, seconds=20) if own.plan_arn else None,
        plan_arn=own.plan_arn,
        target_region=own.target_region,
        global_cluster=own.global_cluster,
        target_cluster_arn=own.target_cluster_arn,
        takeover_function=own.takeover_function,
    )
    signals = Signals(None if heard_at is None else time.time() - heard_at, primary.answers if primary.known else None)
    decision = recover(signals, recovery, limit=limit_of(event))
    logger.info("decided", extra={"decision": decision})
    return decision
