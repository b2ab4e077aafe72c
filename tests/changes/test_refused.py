"""What a deployed stage cannot take: `tandem changes` says so, and CloudFormation leaves the stage as it was."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from drills.embedded.isolation import isolated_environment
from operations.errors import OperationError
from tests.changes.stage import LONG, ROOT, Stage

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = LONG

EDITS = {
    "another consistency": (
        ('consistency = "eventual"', 'consistency = "strong"'),
        ('secondary = "us-west-2"', 'secondary = "us-west-2"\nwitness = "us-east-2"'),
    ),
    "another CIDR": ((r"10\.30\.0\.0/16", "10.33.0.0/16"),),
    "an exchanged zone": (('"us-east-1b"', '"us-east-1d"'),),
}
SAID = {
    "another consistency": "journal.consistency = 'strong', but 'eventual' is deployed",
    "another CIDR": "networks.primary.cidr = '10.33.0.0/16', but '10.30.0.0/16' is deployed",
    "an exchanged zone": "networks.primary.availability_zones = 'us-east-1a,us-east-1d",
}


@pytest.mark.parametrize("change", EDITS)
def test_the_command_refuses_it_in_one_line(staging: Stage, change: str, tmp_path: Path) -> None:
    kept = staging.settings
    staging.change(*EDITS[change])
    (tmp_path / f"{staging.name}.toml").write_text(staging.settings)
    staging.settings = kept
    command = [sys.executable, "-m", "command.cli", "changes", "--stage", staging.name, "--settings", str(tmp_path)]
    done = subprocess.run(
        [*command, "--endpoint-url", staging.url],
        cwd=ROOT,
        env=isolated_environment(staging.url),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert SAID[change] in done.stdout


@pytest.mark.parametrize("change", EDITS)
def test_cloudformation_refuses_it_of_a_bare_deployment(staging: Stage, change: str) -> None:
    kept = staging.settings
    before = staging.deployment.parameters
    staging.change(*EDITS[change])
    with pytest.raises(OperationError, match="deploy failed"), staging.traffic():
        staging.deploy("PrimaryRegionStack")
    staging.settings = kept
    assert staging.deployment.parameters == before
    stacks = staging.client("cloudformation").describe_stacks(StackName=staging.deployment.names.stack("primary"))
    assert stacks["Stacks"][0]["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    staging.post()
    staging.assert_nothing_is_lost()
