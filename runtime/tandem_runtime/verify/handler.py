"""`verify`: the plan's custom action after the ledger has moved. It runs in the Region that is being activated."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from contract.environment import Place, Verify, region_of
from tandem_runtime.shared import telemetry
from tandem_runtime.shared.clients import client
from tandem_runtime.verify.adapters import Region
from tandem_runtime.verify.logic import verify

if TYPE_CHECKING:
    from collections.abc import Mapping

region = region_of(os.environ)
own = Verify.read(os.environ)
logger = telemetry.logger(Place.read(os.environ).service)

_SWEEP_SECONDS = 120.0
"""More than a run of the sweeper takes."""

_ALL_SECONDS = 870.0
"""As long as this function may run, less what its own answer takes."""

_PAUSE_SECONDS = 1.0


def handler(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer when the Region is whole; an error has the plan try again."""
    activated = Region(
        name=region,
        rds=client("rds", region, seconds=20),
        # a second try would find the first one at work
        functions=client("lambda", region, seconds=_SWEEP_SECONDS, attempts=1),
        global_cluster=own.global_cluster,
        cluster_arn=own.target_cluster_arn,
        sweeper=own.sweeper_function,
    )
    last = time.monotonic() + _ALL_SECONDS - _SWEEP_SECONDS
    verified = verify(activated, wait=lambda: _wait(last))
    logger.info("verified", extra=verified)
    return verified


def _wait(last: float) -> bool:
    """Wait a moment; answers whether there is time for another run of the sweeper."""
    time.sleep(_PAUSE_SECONDS)
    return time.monotonic() < last
