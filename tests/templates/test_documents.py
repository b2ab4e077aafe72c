from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk.assertions import Match

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]

BUCKET = "AWS::S3::Bucket"


def bucket(template: Template, name: str) -> dict[str, Any]:
    [found] = template.find_resources(BUCKET, {"Properties": {"BucketName": name}}).values()
    properties: dict[str, Any] = found["Properties"]
    return properties


def reverse(template: Template) -> str:
    [found] = [
        json.dumps(resource["Properties"]["Create"])
        for resource in template.find_resources("Custom::AWS").values()
        if "putBucketReplication" in str(resource["Properties"].get("Create"))
    ]
    return found


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_buckets_are_versioned_private_and_encrypted_by_our_key(templates: Stage, stage: str) -> None:
    names = {"PrimaryRegionStack": f"tandem-documents-{stage}-us-east-1-000000000000"}
    if stage != "dev":
        names["GlobalStack"] = f"tandem-documents-{stage}-us-west-2-000000000000"
    for stack, name in names.items():
        found = bucket(templates(stage)[stack], name)
        assert found["VersioningConfiguration"] == {"Status": "Enabled"}
        assert set(found["PublicAccessBlockConfiguration"].values()) == {True}
        assert "KMSMasterKeyID" in str(found["BucketEncryption"])
        assert found["LoggingConfiguration"]["DestinationBucketName"]
        assert "INTELLIGENT_TIERING" in str(found["LifecycleConfiguration"])


def test_every_bucket_refuses_requests_without_tls(templates: Stage) -> None:
    for template in templates("prod").values():
        policies = template.find_resources("AWS::S3::BucketPolicy")
        assert len(policies) == len(template.find_resources(BUCKET))
        assert all("aws:SecureTransport" in str(policy) for policy in policies.values())


def test_a_stage_in_one_region_replicates_nothing(templates: Stage) -> None:
    templates("dev")["PrimaryRegionStack"].all_resources_properties(
        BUCKET, {"ReplicationConfiguration": Match.absent()}
    )


@pytest.mark.parametrize(("stage", "promised"), [("staging", False), ("prod", True)])
def test_only_prod_promises_replication_in_fifteen_minutes_and_both_ways(
    templates: Stage, stage: str, *, promised: bool
) -> None:
    found = bucket(templates(stage)["PrimaryRegionStack"], f"tandem-documents-{stage}-us-east-1-000000000000")
    [rule] = found["ReplicationConfiguration"]["Rules"]
    destination = rule["Destination"]
    assert rule["Status"] == "Enabled"
    assert destination["EncryptionConfiguration"]["ReplicaKmsKeyID"]
    assert ("ReplicationTime" in destination) is promised
    assert ("Metrics" in destination) is promised
    back = reverse(templates(stage)["SecondaryRegionStack"])
    assert "ReplicaKmsKeyID" in back
    assert ("ReplicationTime" in back) is promised


def test_replication_roles_are_granted_two_keys_and_two_buckets_and_nothing_else(templates: Stage) -> None:
    for stack in ("PrimaryRegionStack", "SecondaryRegionStack"):
        for policy in templates("prod")[stack].find_resources("AWS::IAM::Policy").values():
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                if "s3:ReplicateObject" in statement["Action"] or "kms:Encrypt" in statement["Action"]:
                    assert statement["Resource"] != "*"


@pytest.mark.parametrize("stack", ["PrimaryRegionStack", "SecondaryRegionStack"])
def test_the_replication_alarm_watches_the_rule_that_replicates(templates: Stage, stack: str) -> None:
    found = bucket(templates("prod")["PrimaryRegionStack"], "tandem-documents-prod-us-east-1-000000000000")
    back = reverse(templates("prod")["SecondaryRegionStack"])
    [alarm] = [
        each["Properties"]
        for each in templates("prod")[stack].find_resources("AWS::CloudWatch::Alarm").values()
        if each["Properties"].get("Namespace") == "AWS/S3"
    ]
    [watched] = [each["Value"] for each in alarm["Dimensions"] if each["Name"] == "RuleId"]
    if stack == "SecondaryRegionStack":  # where documents arrive, S3 tells how late they are
        assert watched == found["ReplicationConfiguration"]["Rules"][0]["Id"]
    else:
        assert rf"\"ID\":\"{watched}\"" in back
