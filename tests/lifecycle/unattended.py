"""What the tests of a recovery that nobody starts share."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from contract.waiting import wait_until
from operations.deployment import find_deployment
from operations.global_database import ledger_state
from operations.recovery_evidence import canary_reached

if TYPE_CHECKING:
    from collections.abc import Callable

    from operations.deployment import Deployment, Regions
    from operations.endpoint import ApiClient, Endpoint

PERIOD_SCALE = 1 / 60
LIMIT_SECONDS = 300
"""The objective: the writer moves within five minutes of the loss."""
CANARY_SECONDS = 150
"""How long the canary may take until it has reached both Regions: its schedule is not scaled."""
_PROBE_SECONDS = 0.5
_WARM_UP_PROBES = 8


def _probe(api: ApiClient, deployment: Deployment, regions: tuple[str, ...]) -> None:
    """Ask as a health checker does: that makes the secondary tell the primary's heartbeat's age."""
    for region in regions:
        with contextlib.suppress(OSError):
            api.request(region, "GET", deployment.health_path(region))
    time.sleep(_PROBE_SECONDS)


def probe_until(
    condition: Callable[[], bool],
    api: ApiClient,
    deployment: Deployment,
    regions: tuple[str, ...],
    *,
    seconds: float,
) -> bool:
    """Ask the Regions' health until `condition` holds or the time is over; return whether it held."""
    return wait_until(
        condition, seconds=seconds, pause=_PROBE_SECONDS, sleep=lambda _: _probe(api, deployment, regions)
    )


def warm_up(endpoint: Endpoint, api: ApiClient, stage: str, regions: Regions) -> None:
    """Ask both Regions' health until the canary has reached both."""
    deployment = find_deployment(endpoint, stage, regions)
    for _ in range(_WARM_UP_PROBES):
        _probe(api, deployment, regions.both)

    def reached() -> bool:
        return canary_reached(endpoint, deployment)

    assert probe_until(reached, api, deployment, regions.both, seconds=CANARY_SECONDS)


def writer(endpoint: Endpoint, stage: str, regions: Regions) -> str | None:
    """Return the Region that writes the ledger, as the secondary sees it."""
    return ledger_state(endpoint, find_deployment(endpoint, stage, regions), regions.secondary).writer_region
