from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]

TABLE = "AWS::DynamoDB::GlobalTable"


def table(template: Template, name: str) -> dict[str, Any]:
    [found] = template.find_resources(TABLE, {"Properties": {"TableName": name}}).values()
    properties: dict[str, Any] = found["Properties"]
    return properties


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_replicas_are_encrypted_by_a_key_of_ours_and_protected_in_prod(templates: Stage, stage: str) -> None:
    for name in ("journal", "operational"):
        replicas = table(templates(stage)["PrimaryRegionStack"], f"tandem-{name}-{stage}")["Replicas"]
        for replica in replicas:
            assert replica["SSESpecification"]["KMSMasterKeyId"]
            assert replica.get("DeletionProtectionEnabled", False) is (stage == "prod")


def test_each_replica_is_encrypted_by_the_key_of_its_own_region(templates: Stage) -> None:
    replicas = table(templates("prod")["PrimaryRegionStack"], "tandem-journal-prod")["Replicas"]
    keys = {str(replica["SSESpecification"]["KMSMasterKeyId"]) for replica in replicas}
    assert len(keys) == len(replicas)


def test_only_prod_is_strongly_consistent_with_a_witness(templates: Stage) -> None:
    strong = table(templates("prod")["PrimaryRegionStack"], "tandem-journal-prod")
    assert strong["MultiRegionConsistency"] == "STRONG"
    assert strong["GlobalTableWitnesses"] == [{"Region": "us-east-2"}]
    for stage in ("dev", "staging"):
        eventual = table(templates(stage)["PrimaryRegionStack"], f"tandem-journal-{stage}")
        assert eventual.get("MultiRegionConsistency", "EVENTUAL") == "EVENTUAL"
        assert "GlobalTableWitnesses" not in eventual


def test_the_operational_table_is_eventually_consistent_for_strong_tables_know_no_ttl(templates: Stage) -> None:
    assert "MultiRegionConsistency" not in table(templates("prod")["PrimaryRegionStack"], "tandem-operational-prod")


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_the_journal_streams_both_images_and_is_indexed_by_origin_and_minute(templates: Stage, stage: str) -> None:
    journal = table(templates(stage)["PrimaryRegionStack"], f"tandem-journal-{stage}")
    assert journal["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    [index] = journal["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "by-origin-minute"
    assert index["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["payload_hash"]}
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["bucket", "recorded_at"]
    assert "LocalSecondaryIndexes" not in journal
    assert journal["BillingMode"] == "PAY_PER_REQUEST"
