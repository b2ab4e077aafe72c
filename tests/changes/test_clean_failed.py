"""A first deployment that failed is cleaned away, protections and all; a stack that was ever complete is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from drills.embedded.process import EmbeddedAws
from operations.clean_failed import Resource, clean, failed_stack
from operations.endpoint import Endpoint
from operations.errors import WrongInputError
from tests.changes.stage import REGIONS, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION = REGIONS.secondary
STAGE, STACK, NAME = "probe", "GlobalStack", "tandem-global-probe"
RETAINED = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
TABLE = {
    "Type": "AWS::DynamoDB::GlobalTable",
    **RETAINED,
    "Properties": {
        "TableName": "journal",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "Replicas": [{"Region": REGION, "DeletionProtectionEnabled": True}],
    },
}
LEDGER = {
    "Type": "AWS::RDS::GlobalCluster",
    **RETAINED,
    "Properties": {
        "GlobalClusterIdentifier": "ledger",
        "Engine": "aurora-postgresql",
        "EngineVersion": "16.8",
        "StorageEncrypted": True,
        "DeletionProtection": True,
    },
}
BUCKET = {"Type": "AWS::S3::Bucket", **RETAINED, "Properties": {"BucketName": "documents-probe"}}
# its global database is nowhere
REFUSED = {
    "Type": "AWS::RDS::DBCluster",
    "DependsOn": ["Table", "Ledger", "Bucket"],
    "Properties": {"Engine": "aurora-postgresql", "GlobalClusterIdentifier": "nowhere"},
}
FINE = {"Table": TABLE, "Ledger": LEDGER, "Bucket": BUCKET}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with EmbeddedAws(REGIONS, state=ROOT / "build" / "tests" / "clean-failed" / "emulator", lag_milliseconds=0) as aws:
        yield Endpoint(aws.url)


def created(endpoint: Endpoint, resources: dict[str, Any]) -> str:
    """The status that the creation of the stack ends with."""
    stacks = endpoint.stacks(REGION)
    stacks.create_change_set(
        StackName=NAME,
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateBody=json.dumps({"Resources": resources}),
    )
    stacks.execute_change_set(StackName=NAME, ChangeSetName="first")
    stacks.update_termination_protection(StackName=NAME, EnableTerminationProtection=True)
    return str(stacks.describe_stacks(StackName=NAME)["Stacks"][0]["StackStatus"])


def what_is_there(endpoint: Endpoint) -> list[str]:
    """The names that a second attempt would need."""
    tables = endpoint.dynamodb(REGION).list_tables()["TableNames"]
    globals_ = endpoint.rds(REGION).describe_global_clusters()["GlobalClusters"]
    buckets = endpoint.buckets(REGION).list_buckets()["Buckets"]
    return [*tables, *(each["GlobalClusterIdentifier"] for each in globals_), *(each["Name"] for each in buckets)]


def test_a_stack_that_was_never_complete_goes_with_what_protects_it_and_can_be_created_again(
    endpoint: Endpoint,
) -> None:
    assert created(endpoint, {**FINE, "Refused": REFUSED}) == "ROLLBACK_FAILED"
    assert {"journal", "ledger"} <= set(what_is_there(endpoint))
    stack = failed_stack(endpoint, STAGE, REGIONS, STACK)
    assert Resource(type="AWS::DynamoDB::GlobalTable", id="journal") in stack.resources
    assert clean(endpoint, stack, timeout_seconds=60, say=lambda _: None) == ()
    assert what_is_there(endpoint) == []
    assert created(endpoint, FINE) == "CREATE_COMPLETE"


def test_a_stack_that_was_ever_complete_is_not_touched(endpoint: Endpoint) -> None:
    with pytest.raises(WrongInputError, match="has been complete before: nothing was touched"):
        failed_stack(endpoint, STAGE, REGIONS, STACK)
    assert what_is_there(endpoint) == ["journal", "ledger", "documents-probe"]


def test_a_stack_that_is_not_there_is_said_to_be_none(endpoint: Endpoint) -> None:
    with pytest.raises(WrongInputError, match="tandem-primary-probe is not in us-east-1: there is nothing to clean"):
        failed_stack(endpoint, STAGE, REGIONS, "PrimaryRegionStack")
