from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]


def statements(resource: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = resource["Properties"]["KeyPolicy"]["Statement"]
    return found


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_the_key_is_rotated_and_multi_region(templates: Stage, stage: str) -> None:
    templates(stage)["GlobalStack"].has_resource_properties(
        "AWS::KMS::Key", {"MultiRegion": True, "EnableKeyRotation": True}
    )


def test_the_primary_has_a_replica_of_it_where_there_are_two_regions(templates: Stage) -> None:
    templates("prod")["PrimaryRegionStack"].resource_count_is("AWS::KMS::ReplicaKey", 1)
    templates("dev")["PrimaryRegionStack"].resource_count_is("AWS::KMS::ReplicaKey", 0)


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
@pytest.mark.parametrize(
    ("kind", "encryption"),
    [
        ("AWS::Logs::LogGroup", "KmsKeyId"),
        ("AWS::SNS::Topic", "KmsMasterKeyId"),
        ("AWS::Backup::BackupVault", "EncryptionKeyArn"),
    ],
)
def test_what_holds_data_is_encrypted_by_a_key_of_ours(
    templates: Stage, stage: str, kind: str, encryption: str
) -> None:
    found = {
        name: resource["Properties"]
        for template in templates(stage).values()
        for name, resource in template.find_resources(kind).items()
        if not name.startswith("ReaderLogs")  # what the key itself waits for: see tandem.policies.provider_logs
    }
    assert found
    assert all(encryption in properties for properties in found.values())


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def key_statements(templates: dict[str, Template]) -> list[tuple[str, dict[str, Any]]]:
    """The statements of every key and replica of a stage, each with the Region that its key is in."""
    region = {"GlobalStack": "us-west-2", "PrimaryRegionStack": "us-east-1"}
    return [
        (region[stack], statement)
        for stack, template in templates.items()
        for kind in ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
        for key in template.find_resources(kind).values()
        for statement in statements(key)
    ]


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_eventbridge_may_use_the_key_for_topics_and_is_asked_for_nothing_that_it_does_not_send(
    templates: Stage, stage: str
) -> None:
    found = [
        (region, statement)
        for region, statement in key_statements(templates(stage))
        if "events.amazonaws.com" in str(statement["Principal"])
    ]
    assert [region for region, _ in found] == ["us-west-2", "us-east-1"]
    for region, statement in found:
        assert statement["Principal"] == {"Service": "events.amazonaws.com"}
        assert set(statement["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey*"}
        assert statement["Condition"] == {
            "ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": f"arn:aws:sns:{region}:000000000000:*"}
        }


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_whoever_may_publish_to_a_topic_may_use_its_key(templates: Stage, stage: str) -> None:
    publishers = {
        service
        for template in templates(stage).values()
        for policy in template.find_resources("AWS::SNS::TopicPolicy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
        for service in listed(statement["Principal"]["Service"])
    }
    allowed = {
        service
        for template in templates(stage).values()
        for kind in ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
        for key in template.find_resources(kind).values()
        for statement in statements(key)
        if "kms:GenerateDataKey*" in statement["Action"]
        for service in listed(statement["Principal"].get("Service", []))
    }
    assert publishers == {"cloudwatch.amazonaws.com", "events.amazonaws.com"}
    assert publishers <= allowed


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_no_service_that_has_nothing_to_do_with_the_key_may_use_it(templates: Stage, stage: str) -> None:
    services = {
        service.split(".")[0]
        for template in templates(stage).values()
        for key in template.find_resources("AWS::KMS::Key").values()
        for statement in statements(key)
        for service in listed(statement["Principal"].get("Service", []))
    }
    assert services == {"logs", "cloudwatch", "events"}
