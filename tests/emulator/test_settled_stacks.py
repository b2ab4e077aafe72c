"""A stack is done when its beginning is answered: the CDK CLI would look again only after five seconds."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from tests.emulator.running import embedded_aws

# a database of its own takes as long as anything does
CLUSTER = {
    "Type": "AWS::RDS::DBCluster",
    "Properties": {
        "Engine": "aurora-postgresql",
        "MasterUsername": "administrator",
        "MasterUserPassword": "not-a-secret",
    },
}


def test_an_executed_change_set_and_a_deletion_are_answered_when_the_stack_is_settled() -> None:
    with embedded_aws("stacks") as aws:
        stacks = aws.client("cloudformation")
        stack = stacks.create_change_set(
            StackName="ledger",
            ChangeSetName="first",
            ChangeSetType="CREATE",
            TemplateBody=json.dumps({"Resources": {"Cluster": CLUSTER}}),
        )["StackId"]
        stacks.execute_change_set(StackName="ledger", ChangeSetName="first")
        assert stacks.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
        stacks.delete_stack(StackName=stack)
        assert stacks.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE"
