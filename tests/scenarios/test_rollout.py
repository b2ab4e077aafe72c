"""A staged rollout: the CLI deploys stack by stack into an AWS of its own."""

import pytest

from drills.embedded.cdk import CdkCli
from drills.scenarios.catalogue import SCENARIOS
from tests.scenarios.conftest import LONG, REGIONS, ROOT, STAGE, STRONG, failed, measure, start

pytestmark = [LONG, pytest.mark.skipif(STRONG, reason="a strong table gets its replicas while it is empty")]


def test_the_secondary_joins_a_stage_that_has_data_and_leaves_it_as_it_was() -> None:
    scenario = SCENARIOS["rollout"]
    with start("rollout") as aws:
        cli = CdkCli(aws.url, ROOT / "build" / "tests" / "rollout" / "work")
        cli.prepare(STAGE, REGIONS).deploy(*scenario.stacks)
        report = measure(aws.url, scenario, cli)
    assert failed(report) == []
    assert report["acknowledged"] > 0
