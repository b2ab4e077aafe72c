"""`recover`: asked by the secondary Region's recovery alarm, and every minute by a schedule."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from tandem_runtime.recover.adapters import Primary, StageRecovery
from tandem_runtime.recover.logic import Signals, limit_of, recover
from tandem_runtime.shared import telemetry
from tandem_runtime.shared.clients import client
from tandem_runtime.shared.heartbeats import Heartbeats
from tandem_runtime.shared.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = telemetry.logger()
settings = Settings.read(os.environ)


def handler(event: Mapping[str, Any], _context: object) -> dict[str, object]:
    """Decide on two independent signals, then start the recovery."""
    region = settings.region
    heartbeats = Heartbeats(client("dynamodb", region), settings.operational_table)
    seen = heartbeats.latest(settings.other_region)
    primary = Primary(heartbeats.endpoint(settings.other_region))
    plan_arn = os.environ.get("TANDEM_PLAN_ARN", "")
    recovery = StageRecovery(
        rds=client("rds", region, seconds=20),
        functions=client("lambda", region, seconds=20),
        region_switch=client("arc-region-switch", region, seconds=20) if plan_arn else None,
        plan_arn=plan_arn,
        target_region=region,
        global_cluster=os.environ["TANDEM_GLOBAL_CLUSTER"],
        target_cluster_arn=os.environ["TANDEM_TARGET_CLUSTER_ARN"],
        takeover_function=os.environ["TANDEM_TAKEOVER_FUNCTION"],
    )
    signals = Signals(None if seen is None else time.time() - seen, primary.answers if primary.known else None)
    decision = recover(signals, recovery, limit=limit_of(event))
    logger.info("decided", extra={"decision": decision})
    return decision
