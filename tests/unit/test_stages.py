"""What holds of a stage as a whole, and once failed in earlier designs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]

STAGES = ("dev", "staging", "prod")
STATEFUL = {
    "AWS::DynamoDB::GlobalTable",
    "AWS::KMS::Key",
    "AWS::KMS::ReplicaKey",
    "AWS::RDS::DBCluster",
    "AWS::RDS::GlobalCluster",
    "AWS::S3::Bucket",
    "AWS::Backup::BackupVault",
    "AWS::SecretsManager::Secret",
}


def resources(templates: dict[str, Template]) -> Iterator[tuple[str, dict[str, Any]]]:
    for template in templates.values():
        yield from template.to_json()["Resources"].items()


@pytest.mark.parametrize("stage", STAGES)
def test_data_is_retained_in_prod_and_destroyed_elsewhere(templates: Stage, stage: str) -> None:
    wanted = "Retain" if stage == "prod" else "Delete"
    for name, resource in resources(templates(stage)):
        if resource["Type"] in STATEFUL:
            assert resource.get("DeletionPolicy") == wanted, name
            assert resource.get("UpdateReplacePolicy") == wanted, name


@pytest.mark.parametrize("stage", STAGES)
def test_buckets_empty_themselves_only_where_the_stage_can_be_destroyed(templates: Stage, stage: str) -> None:
    for template in templates(stage).values():
        buckets = len(template.find_resources("AWS::S3::Bucket"))
        template.resource_count_is("Custom::S3AutoDeleteObjects", 0 if stage == "prod" else buckets)


@pytest.mark.parametrize("stage", STAGES)
def test_deletion_protection_is_prods_alone(templates: Stage, stage: str) -> None:
    for name, resource in resources(templates(stage)):
        if resource["Type"] in ("AWS::RDS::DBCluster", "AWS::RDS::GlobalCluster"):
            assert resource["Properties"].get("DeletionProtection", False) is (stage == "prod"), name


def test_one_region_deploys_by_itself(templates: Stage) -> None:
    stacks = templates("dev")
    assert sorted(stacks) == ["GlobalStack", "PrimaryRegionStack"]
    assert "us-west-2" not in str([template.to_json() for template in stacks.values()])
    for template in stacks.values():
        template.resource_count_is("Custom::CrossRegionExportWriter", 0)


@pytest.mark.parametrize("stage", STAGES)
def test_no_stack_is_nested_and_every_stack_has_room(templates: Stage, stage: str) -> None:
    for template in templates(stage).values():
        template.resource_count_is("AWS::CloudFormation::Stack", 0)
        assert len(template.to_json()["Resources"]) < 400


@pytest.mark.parametrize("stage", STAGES)
def test_no_policy_allows_every_action(templates: Stage, stage: str) -> None:
    for name, resource in resources(templates(stage)):
        if resource["Type"] not in ("AWS::IAM::Policy", "AWS::IAM::Role"):
            continue
        documents = [resource["Properties"].get("PolicyDocument", {})]
        documents += [policy["PolicyDocument"] for policy in resource["Properties"].get("Policies", [])]
        for statement in (each for document in documents for each in document.get("Statement", [])):
            actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
            assert "*" not in actions, name
            assert not any(action.endswith(":*") for action in actions), name


@pytest.mark.parametrize("stage", STAGES)
def test_every_taggable_table_and_bucket_says_whose_it_is(templates: Stage, stage: str) -> None:
    for name, resource in resources(templates(stage)):
        if resource["Type"] != "AWS::S3::Bucket":
            continue
        tags = {tag["Key"]: tag["Value"] for tag in resource["Properties"]["Tags"]}
        assert tags["Stage"] == stage, name
        assert {"Environment", "Region-Role", "ManagedBy"} <= set(tags), name


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_few_values_cross_regions(templates: Stage, stage: str) -> None:
    for template in templates(stage).values():
        for writer in template.find_resources("Custom::CrossRegionExportWriter").values():
            assert len(writer["Properties"]["WriterProps"]["exports"]) <= 10


@pytest.mark.parametrize("stage", STAGES)
def test_operators_find_what_they_need_in_each_region(templates: Stage, stage: str) -> None:
    for name, template in templates(stage).items():
        if name == "GlobalStack":
            continue
        found = {
            parameter["Properties"]["Name"] for parameter in template.find_resources("AWS::SSM::Parameter").values()
        }
        for key in ("api-url", "journal-table", "ledger-cluster-arn", "documents-bucket", "role", "topology"):
            assert f"/tandem/{stage}/{key}" in found


@pytest.mark.parametrize("stage", STAGES)
def test_the_health_check_asks_an_api_that_exists(templates: Stage, stage: str) -> None:
    for template in templates(stage).values():
        for check in template.find_resources("AWS::Route53::HealthCheck").values():
            settings = check["Properties"]["HealthCheckConfig"]
            if settings["Type"] == "HTTPS":
                assert "Ref" in str(settings["FullyQualifiedDomainName"])
