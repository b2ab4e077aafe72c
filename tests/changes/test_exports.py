"""What crosses Regions through CDK's own writer never changes: the writer would write nothing, and say nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
WRITER = "Custom::CrossRegionExportWriter"
REPLACED_BY = {
    "AWS::EC2::RouteTable": ("VpcId",),
    "AWS::EC2::VPC": ("CidrBlock", "InstanceTenancy"),
    "AWS::KMS::Key": (),
    "AWS::KMS::ReplicaKey": ("PrimaryKeyArn",),
    "AWS::RDS::DBCluster": (
        "DBClusterIdentifier",
        "DBSubnetGroupName",
        "DatabaseName",
        "Engine",
        "KmsKeyId",
        "MasterUsername",
        "StorageEncrypted",
    ),
    "AWS::Route53::HealthCheck": ("HealthCheckConfig.RequestInterval", "HealthCheckConfig.Type"),
    "AWS::Route53::HostedZone": ("Name",),
}
"""The properties whose change makes another resource, so that its id changes (CloudFormation's resource references)."""

NEVER_CHANGED = {
    "DBClusterIdentifier": "no setting names it: it is the stage's name",
    "DBSubnetGroupName": "it is the group of the VPC's subnets; a zone that is added changes the group in place",
    "DatabaseName": "no setting names it",
    "Engine": "no setting names it; its version changes in place",
    "KmsKeyId": "it is the Region's key, which nothing replaces",
    "MasterUsername": "no setting names it",
    "StorageEncrypted": "no setting names it",
    "CidrBlock": "networks.primary.cidr is refused",
    "InstanceTenancy": "no setting names it",
    "VpcId": "it is the VPC's",
    "PrimaryKeyArn": "it is the primary key's, which nothing replaces",
    "HealthCheckConfig.RequestInterval": "no setting names it",
    "HealthCheckConfig.Type": "no setting names it",
    "Name": "domain.name is refused",
}
"""Why none of these changes after the first deployment."""

STUB = """
const { appendFileSync } = require("fs");
const note = (call) => (input) => { appendFileSync(process.env.CALLS, JSON.stringify([call, input]) + "\\n"); };
exports.SSM = class {
  async putParameter(input) { note("put")(input); }
  async deleteParameters(input) { note("delete")(input); }
};
"""


@pytest.fixture(scope="module", params=["staging", "prod"])
def assembly(request: pytest.FixtureRequest, synthesized: Callable[[str], Path]) -> Path:
    return synthesized(request.param)


def resources(assembly: Path) -> list[dict[str, Any]]:
    """The resources of each stack, by their logical ids."""
    templates = sorted(assembly.glob("*.template.json"))
    assert len(templates) == 3
    return [json.loads(template.read_text(encoding="utf-8"))["Resources"] for template in templates]


def of_type(stack: dict[str, Any], resource_type: str) -> list[dict[str, Any]]:
    return [each["Properties"] for each in stack.values() if each["Type"] == resource_type]


def test_every_exported_value_is_the_id_of_something_that_no_allowed_change_replaces(assembly: Path) -> None:
    exported = 0
    for stack in resources(assembly):
        for writer in of_type(stack, WRITER):
            for value in writer["WriterProps"]["exports"].values():
                source = value.get("Ref") or value["Fn::GetAtt"][0]
                replaced_by = REPLACED_BY[stack[source]["Type"]]
                assert set(replaced_by) <= NEVER_CHANGED.keys()
                exported += 1
    assert exported > 0


def test_no_zone_is_created_with_accelerated_recovery_which_would_keep_it_from_being_deleted(assembly: Path) -> None:
    zones = [zone for stack in resources(assembly) for zone in of_type(stack, "AWS::Route53::HostedZone")]
    assert zones
    assert not any("HostedZoneFeatures" in zone for zone in zones)


def test_cdks_writer_writes_what_is_new_and_leaves_what_changed_without_a_word(assembly: Path, tmp_path: Path) -> None:
    source = next(
        path.parent
        for path in assembly.glob("asset.*/index.js")
        if "WriterProps" in (text := path.read_text(encoding="utf-8")) and "putParameter" in text
    )
    shutil.copytree(source, tmp_path / "writer")
    stub = tmp_path / "node_modules" / "@aws-sdk" / "client-ssm"
    stub.mkdir(parents=True)
    (stub / "index.js").write_text(STUB)
    event = {
        "RequestType": "Update",
        "ResourceProperties": {"WriterProps": {"region": "us-west-2", "exports": {"kept": "new value", "new": "1"}}},
        "OldResourceProperties": {"WriterProps": {"exports": {"kept": "old value", "gone": "1"}}},
    }
    script = f"require('./writer/index.js').handler({json.dumps(event)})"
    done = subprocess.run(
        [str(ROOT / ".venv" / "bin" / "node"), "-e", script],
        cwd=tmp_path,
        env=os.environ | {"CALLS": str(tmp_path / "calls")},
        capture_output=True,
        text=True,
        check=True,
    )
    calls = [json.loads(line) for line in (tmp_path / "calls").read_text().splitlines()]
    written = {call: given.get("Name") or given["Names"] for call, given in calls}
    assert written == {"delete": ["gone"], "put": "new"}, "the writer tells of changed values now: say so in the ADR"
    assert "kept" not in done.stdout + done.stderr
