"""What holds of a stage as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]

STAGES = ("dev", "staging", "prod")


def resources(templates: dict[str, Template]) -> Iterator[tuple[str, dict[str, Any]]]:
    for template in templates.values():
        yield from template.to_json()["Resources"].items()


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


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_is_kept_that_a_failed_first_deployment_has_made(templates: Stage, stage: str) -> None:
    kept = 0
    for name, resource in resources(templates(stage)):
        assert resource.get("DeletionPolicy") != "Retain", name
        if resource.get("DeletionPolicy") == "RetainExceptOnCreate":
            kept += 1
            assert resource["UpdateReplacePolicy"] == "Retain", name
    assert (kept > 0) is (stage == "prod")


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
