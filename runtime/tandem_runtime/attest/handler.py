"""`attest`: asked by EventBridge when AWS Backup has restored a ledger. It runs outside the VPC."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from contract.environment import Attest, Place, region_of
from tandem_runtime.attest.adapters import RestoredCluster
from tandem_runtime.attest.logic import attest
from tandem_runtime.shared import telemetry
from tandem_runtime.shared.clients import client

if TYPE_CHECKING:
    from collections.abc import Mapping

region = region_of(os.environ)
own = Attest.read(os.environ)
logger = telemetry.logger(Place.read(os.environ).service)

_PROVE_SECONDS = 100.0
"""More than a run of `prove` takes."""

_PAUSE_SECONDS = 5.0


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Prove what the event's restore job restored; an error has Lambda try again, and stay in the queue at last."""
    restored = RestoredCluster(
        job_id=str(event["detail"]["restoreJobId"]),
        backup=client("backup", region, seconds=20),
        rds=client("rds", region, seconds=20),
        functions=client("lambda", region, seconds=_PROVE_SECONDS, attempts=1),
        prove_function=own.prove_function,
        minimum_capacity=float(own.minimum_capacity),
        maximum_capacity=float(own.maximum_capacity),
    )
    last = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - _PROVE_SECONDS - _PAUSE_SECONDS
    answer = attest(restored, plan=own.restore_testing_plan, wait=lambda: _wait(last))
    logger.info("attested", extra=answer)
    return answer


def _wait(last: float) -> bool:
    time.sleep(_PAUSE_SECONDS)
    return time.monotonic() < last
