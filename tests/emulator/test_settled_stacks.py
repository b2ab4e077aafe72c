"""A stack is done when its beginning is answered: the CDK CLI would look again only after five seconds."""

from __future__ import annotations

import json
import time

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from emulator.cloudformation.settled_stacks import LONGEST_SECONDS
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


def test_a_stack_that_waits_for_its_certificate_holds_up_no_other_one() -> None:
    with embedded_aws("waiting-stack") as aws:
        stacks = aws.client("cloudformation")
        properties = {"DomainName": "a.test", "ValidationMethod": "DNS"}
        waiting = {"Certificate": {"Type": "AWS::CertificateManager::Certificate", "Properties": properties}}
        stacks.create_stack(StackName="waits", TemplateBody=json.dumps({"Resources": waiting}))
        queue = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
        stacks.create_change_set(
            StackName="queue", ChangeSetName="first", ChangeSetType="CREATE", TemplateBody=json.dumps(queue)
        )
        began = time.monotonic()
        stacks.execute_change_set(StackName="queue", ChangeSetName="first")
        stacks.delete_stack(StackName="queue")
        assert time.monotonic() - began < LONGEST_SECONDS
        assert stacks.describe_stacks(StackName="waits")["Stacks"][0]["StackStatus"] == "CREATE_IN_PROGRESS"
