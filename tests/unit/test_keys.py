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
        if not name.startswith("ReaderLogs")  # what the key itself waits for: see tandem.provider_logs
    }
    assert found
    assert all(encryption in properties for properties in found.values())
