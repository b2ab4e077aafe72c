"""What `RetainExceptOnCreate` keeps: not what a failed creation has made, so that it can be tried again."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from tests.emulator.running import Running, embedded_aws

TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "DeletionPolicy": "RetainExceptOnCreate",
    "UpdateReplacePolicy": "Retain",
    "Properties": {
        "TableName": "journal",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    },
}
# its global database is nowhere
REFUSED = {
    "Type": "AWS::RDS::DBCluster",
    "DependsOn": "Table",
    "Properties": {"Engine": "aurora-postgresql", "GlobalClusterIdentifier": "nowhere"},
}


def created(aws: Running, name: str, resources: dict[str, Any]) -> str:
    """The status that the creation of a stack ends with."""
    stacks = aws.client("cloudformation")
    stack = stacks.create_change_set(
        StackName=name,
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateBody=json.dumps({"Resources": resources}),
    )["StackId"]
    stacks.execute_change_set(StackName=name, ChangeSetName="first")
    return str(stacks.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])


def test_what_a_failed_creation_has_made_goes_and_what_was_deployed_stays() -> None:
    with embedded_aws("retention") as aws:
        tables = aws.client("dynamodb")
        assert created(aws, "failed", {"Table": TABLE, "Refused": REFUSED}) == "ROLLBACK_COMPLETE"
        assert tables.list_tables()["TableNames"] == []
        assert created(aws, "again", {"Table": TABLE}) == "CREATE_COMPLETE"
        aws.client("cloudformation").delete_stack(StackName="again")
        assert tables.list_tables()["TableNames"] == ["journal"]
