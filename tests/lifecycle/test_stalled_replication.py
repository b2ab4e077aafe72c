"""Replication that stalls looks like a lost primary from the secondary: two of three signals say so, and it is none.

The journal of this stage is eventually consistent, so neither heartbeats nor transactions arrive any more; the canary
alone still reaches the primary. When the Region is lost after that, nothing that was under way may hold `recover` up.
"""

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
from operations.recovery_evidence import last_said
from tests.lifecycle.unattended import LIMIT_SECONDS, PERIOD_SCALE, probe_until, warm_up, writer

if TYPE_CHECKING:
    from pathlib import Path

STAGE = "staging"
STALLED_MILLISECONDS = 3_600_000
"""Longer than the test: nothing that is written from then on arrives."""
STALL_SECONDS = 240
"""How long both signals may take to say lost: they do after 90 s, and `recover` looks every minute."""
CANARY_ALONE = "declined: the canary sees the primary alive"
"""What `recover` says when the other two signals say lost: it names each signal that does not."""

pytestmark = pytest.mark.skipif(
    STAGE not in os.environ.get("TANDEM_LIFECYCLE_STAGES", ""), reason="takes ten minutes: make lifecycle runs it"
)


def test_the_writer_stays_while_replication_stalls_and_moves_once_the_primary_is_lost(tmp_path: Path) -> None:
    regions, _ = regions_of(STAGE, ROOT / "settings")
    state = ROOT / "build" / "lifecycle-stalled"
    with EmbeddedAws(regions, state=state, lag_milliseconds=80, alarm_period_scale=PERIOD_SCALE) as aws:
        deploy(aws.url, STAGE, regions, work=tmp_path)
        control, endpoint = Control(aws.url), Endpoint(aws.url)
        deployment = find_deployment(endpoint, STAGE, regions)

        def declined() -> bool:
            said = last_said(endpoint, deployment)
            return said is not None and said.text == CANARY_ALONE

        def moved() -> bool:
            return writer(endpoint, STAGE, regions) == regions.secondary

        with ApiClient(endpoint, deployment.api_urls, timeout_seconds=10) as api:
            warm_up(endpoint, api, STAGE, regions)
            control.lag(STALLED_MILLISECONDS)
            assert probe_until(declined, api, deployment, regions.both, seconds=STALL_SECONDS)
            assert writer(endpoint, STAGE, regions) == regions.primary
            control.lose(regions.primary)
            assert probe_until(moved, api, deployment, (regions.secondary,), seconds=LIMIT_SECONDS)
