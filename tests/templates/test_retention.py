"""What is retained is retained once it stands: a creation that fails leaves nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_no_resource_survives_a_creation_that_failed(templates: Stage, stage: str) -> None:
    policies = {
        (stack, name): resource.get("DeletionPolicy", "Delete")
        for stack, template in templates(stage).items()
        for name, resource in template.to_json()["Resources"].items()
    }
    assert [where for where, policy in policies.items() if policy == "Retain"] == []


def test_prod_retains_what_holds_data(templates: Stage) -> None:
    retained = {
        resource["Type"]
        for template in templates("prod").values()
        for resource in template.to_json()["Resources"].values()
        if resource.get("DeletionPolicy") == "RetainExceptOnCreate"
    }
    assert {
        "AWS::DynamoDB::GlobalTable",
        "AWS::KMS::Key",
        "AWS::KMS::ReplicaKey",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::RDS::GlobalCluster",
        "AWS::S3::Bucket",
        "AWS::SecretsManager::Secret",
        "AWS::Backup::BackupVault",
    } <= retained
