"""With the primary lost and nobody at the keyboard, `recover` has the plan move the writer, at deployed intervals."""

from __future__ import annotations

import contextlib
import http.client
import os
import time
from typing import TYPE_CHECKING

import pytest

from drills.embedded.cdk import deploy
from drills.embedded.control import Control
from drills.embedded.isolation import ROOT
from drills.embedded.process import EmbeddedAws
from operations.deployment import find_deployment, regions_of
from operations.endpoint import ApiClient, Endpoint
from operations.global_database import ledger_state
from operations.recovery_evidence import canary_reached

if TYPE_CHECKING:
    from pathlib import Path

    from operations.deployment import Regions

STAGE = "prod"
PERIOD_SCALE = 1 / 60
LIMIT_SECONDS = 300
"""The objective: the writer moves within five minutes of the loss."""
CANARY_SECONDS = 150
"""How long the canary may take until it has reached both Regions: its schedule is not scaled."""
PROBE_SECONDS = 0.5
WARM_UP_PROBES = 8

pytestmark = pytest.mark.skipif(
    STAGE not in os.environ.get("TANDEM_LIFECYCLE_STAGES", ""), reason="takes five minutes: make lifecycle runs it"
)


def _probe(api: ApiClient, regions: tuple[str, ...]) -> None:
    """Ask as a health checker does: that makes the secondary tell the primary's heartbeat's age."""
    for region in regions:
        with contextlib.suppress(OSError, http.client.HTTPException):
            api.request(region, "GET", "/healthz")
    time.sleep(PROBE_SECONDS)


def _writer(endpoint: Endpoint, regions: Regions) -> str | None:
    deployment = find_deployment(endpoint, STAGE, regions)
    return ledger_state(endpoint, deployment, regions.secondary).writer_region


def test_a_lost_primary_has_recover_start_the_plan_by_itself(tmp_path: Path) -> None:
    regions, _ = regions_of(STAGE, ROOT / "settings")
    state = ROOT / "build" / "lifecycle-automatic"
    with EmbeddedAws(regions, state=state, lag_milliseconds=80, alarm_period_scale=PERIOD_SCALE) as aws:
        deploy(aws.url, STAGE, regions, work=tmp_path)
        control, endpoint = Control(aws.url), Endpoint(aws.url)
        deployment = find_deployment(endpoint, STAGE, regions)
        with ApiClient(endpoint, deployment.api_urls, timeout_seconds=10) as api:
            for _ in range(WARM_UP_PROBES):
                _probe(api, regions.both)
            deadline = time.monotonic() + CANARY_SECONDS
            while not canary_reached(endpoint, deployment) and time.monotonic() < deadline:
                _probe(api, regions.both)
            assert canary_reached(endpoint, deployment)
            assert _writer(endpoint, regions) == regions.primary
            control.lose(regions.primary)
            deadline = time.monotonic() + LIMIT_SECONDS
            while _writer(endpoint, regions) != regions.secondary and time.monotonic() < deadline:
                _probe(api, (regions.secondary,))
        plan = deployment.get(regions.secondary, "plan-arn")
        [execution] = endpoint.region_switch(regions.secondary).list_plan_executions(planArn=plan)["items"]
        assert _writer(endpoint, regions) == regions.secondary
        assert execution["mode"] == "ungraceful"
