"""A stage that is destroyed leaves nothing that AWS lets one delete; prod leaves what it retains, and nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import boto3
import pytest

from drills.embedded.cdk import deploy, destroy
from drills.embedded.isolation import ROOT
from drills.embedded.process import EmbeddedAws
from operations.deployment import regions_of
from tests.coverage import explained, ignored, not_delivered
from tests.gates import needless_exemptions, report
from tests.lifecycle.leftovers import leftovers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

STAGES = os.environ.get("TANDEM_LIFECYCLE_STAGES", "").split()
"""The stages that `make lifecycle` names."""

RETAINED = {"backup", "dynamodb", "kms", "logs", "rds", "route53", "s3", "secretsmanager"}
"""Services whose resources a stage keeps: data, its keys and backups, logs, and the zone."""


@pytest.mark.skipif(not STAGES, reason="a minute for each stage: make lifecycle runs it")
@pytest.mark.parametrize("stage", STAGES or ["dev"])
def test_a_destroyed_stage_leaves_only_what_it_retains(stage: str, tmp_path: Path) -> None:
    regions, topology = regions_of(stage, ROOT / "settings")
    used = regions.both if topology == "dual" else (regions.primary,)
    with EmbeddedAws(regions, state=ROOT / "build" / f"lifecycle-{stage}", lag_milliseconds=0) as aws:
        before = leftovers(aws.url, used)
        deploy(aws.url, stage, regions, work=tmp_path)
        assert len(leftovers(aws.url, used)) > len(before)
        assert not_delivered(aws.url, tmp_path / "cdk.out") == set()
        assert sorted(ignored(aws.url, tmp_path / "cdk.out") - explained()) == []
        protected = _unprotect(aws.url, used)
        destroy(aws.url, work=tmp_path)
        left = [each for each in leftovers(aws.url, used) if each not in before]
        assert report(aws.url)["refused"] == []
        assert needless_exemptions(aws.url) == [], "no stage needs it: take it off emulator/gates/exemptions.toml"
    if not protected:
        assert left == []
    assert {each.split()[1] for each in left} <= RETAINED
    assert not protected or {each.split()[1] for each in left} == RETAINED


def _unprotect(url: str, regions: Iterable[str]) -> bool:
    """Take the protection from termination off, as an operator would; say whether there was any."""
    found = False
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106 - loopback only
    for region in regions:
        client = session.client("cloudformation", region_name=region, endpoint_url=url)
        for stack in client.describe_stacks()["Stacks"]:
            if stack.get("EnableTerminationProtection"):
                found = True
                client.update_termination_protection(StackName=stack["StackName"], EnableTerminationProtection=False)
    return found
