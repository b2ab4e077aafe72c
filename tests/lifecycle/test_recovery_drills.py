"""Scenarios that wait for the canary and `recover`, whose schedules no scale shortens: minutes each."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from drills.embedded.cdk import CdkCli
from drills.embedded.isolation import ROOT
from drills.scenarios.catalogue import SCENARIOS
from drills.scenarios.unattended import canary_has_reached_both
from tests.scenarios.conftest import REGIONS, STAGE, failed, measure, start

if TYPE_CHECKING:
    from collections.abc import Iterator

UNSCALED = [name for name, scenario in SCENARIOS.items() if canary_has_reached_both in scenario.steps]

pytestmark = pytest.mark.skipif(
    STAGE not in os.environ.get("TANDEM_LIFECYCLE_STAGES", ""), reason="takes twenty minutes: make lifecycle runs it"
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The URL of an embedded AWS with both Regions of the stage."""
    with start("recovery") as aws:
        CdkCli(aws.url, ROOT / "build" / "tests" / "recovery" / "work").prepare(STAGE, REGIONS).deploy()
        yield aws.url


@pytest.mark.parametrize("name", UNSCALED)
def test_a_recovery_that_nobody_starts_begins_when_it_should_and_only_then(name: str, url: str) -> None:
    report = measure(url, SCENARIOS[name])
    assert failed(report) == []
    assert report["acknowledged"] > 0
    assert report["lost"] == report["duplicated"] == report["ledger_missing"] == report["different_answers"] == 0
