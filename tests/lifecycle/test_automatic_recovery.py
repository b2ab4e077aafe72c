"""With the primary lost and nobody at the keyboard, `recover` has the plan move the writer, at deployed intervals."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from drills.embedded.cdk import deploy
from drills.embedded.control import Control
from drills.embedded.isolation import ROOT
from drills.embedded.process import EmbeddedAws
from operations.deployment import find_deployment, regions_of
from operations.endpoint import ApiClient, Endpoint
from tests.lifecycle.unattended import LIMIT_SECONDS, PERIOD_SCALE, probe_until, warm_up, writer

if TYPE_CHECKING:
    from pathlib import Path

STAGE = "prod"

pytestmark = pytest.mark.skipif(
    STAGE not in os.environ.get("TANDEM_LIFECYCLE_STAGES", ""), reason="takes five minutes: make lifecycle runs it"
)


def test_a_lost_primary_has_recover_start_the_plan_by_itself(tmp_path: Path) -> None:
    regions, _ = regions_of(STAGE, ROOT / "settings")
    state = ROOT / "build" / "lifecycle-automatic"
    with EmbeddedAws(regions, state=state, lag_milliseconds=80, alarm_period_scale=PERIOD_SCALE) as aws:
        deploy(aws.url, STAGE, regions, work=tmp_path)
        control, endpoint = Control(aws.url), Endpoint(aws.url)
        deployment = find_deployment(endpoint, STAGE, regions)

        def moved() -> bool:
            return writer(endpoint, STAGE, regions) == regions.secondary

        with ApiClient(endpoint, deployment.api_urls, timeout_seconds=10) as api:
            warm_up(endpoint, api, STAGE, regions)
            assert writer(endpoint, STAGE, regions) == regions.primary
            control.lose(regions.primary)
            assert probe_until(moved, api, deployment, (regions.secondary,), seconds=LIMIT_SECONDS)
        plan = deployment.get(regions.secondary, "plan-arn")
        [execution] = endpoint.region_switch(regions.secondary).list_plan_executions(planArn=plan)["items"]
        assert execution["mode"] == "ungraceful"
