"""Restore testing plans and their selections are kept as CloudFormation makes, changes and deletes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from botocore.exceptions import ClientError

from tests.emulator.running import Running, embedded_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

VAULT = "arn:aws:backup:us-east-1:000000000000:backup-vault:vault"


@pytest.fixture(scope="module")
def aws() -> Iterator[Running]:
    with embedded_aws("restore-tests") as running:
        yield running


def template(hour: int, group: str) -> str:
    plan: dict[str, Any] = {
        "RestoreTestingPlanName": "weekly",
        "ScheduleExpression": f"cron(0 {hour} ? * SUN *)",
        "RecoveryPointSelection": {
            "Algorithm": "LATEST_WITHIN_WINDOW",
            "IncludeVaults": [VAULT],
            "RecoveryPointTypes": ["SNAPSHOT"],
        },
    }
    selection = {
        "RestoreTestingPlanName": {"Ref": "Plan"},
        "RestoreTestingSelectionName": "ledger",
        "IamRoleArn": "arn:aws:iam::000000000000:role/restores",
        "ProtectedResourceType": "Aurora",
        "ProtectedResourceArns": ["*"],
        "RestoreMetadataOverrides": {"vpcSecurityGroupIds": json.dumps([group])},
    }
    return json.dumps(
        {
            "Resources": {
                "Plan": {"Type": "AWS::Backup::RestoreTestingPlan", "Properties": plan},
                "Selection": {"Type": "AWS::Backup::RestoreTestingSelection", "Properties": selection},
            }
        }
    )


def test_a_plan_and_its_selection_follow_their_template(aws: Running) -> None:
    stacks, backup = aws.client("cloudformation"), aws.client("backup")
    selected = {"RestoreTestingPlanName": "weekly", "RestoreTestingSelectionName": "ledger"}

    def told() -> tuple[str, str]:
        plan = backup.get_restore_testing_plan(RestoreTestingPlanName="weekly")["RestoreTestingPlan"]
        selection = backup.get_restore_testing_selection(**selected)["RestoreTestingSelection"]
        return plan["ScheduleExpression"], selection["RestoreMetadataOverrides"]["vpcSecurityGroupIds"]

    stacks.create_stack(StackName="tests", TemplateBody=template(7, "sg-1"))
    stacks.get_waiter("stack_create_complete").wait(StackName="tests", WaiterConfig={"Delay": 1})
    assert told() == ("cron(0 7 ? * SUN *)", '["sg-1"]')
    stacks.update_stack(StackName="tests", TemplateBody=template(9, "sg-2"))
    stacks.get_waiter("stack_update_complete").wait(StackName="tests", WaiterConfig={"Delay": 1})
    assert told() == ("cron(0 9 ? * SUN *)", '["sg-2"]')
    stacks.delete_stack(StackName="tests")
    stacks.get_waiter("stack_delete_complete").wait(StackName="tests", WaiterConfig={"Delay": 1})
    with pytest.raises(ClientError, match="not found"):
        backup.get_restore_testing_plan(RestoreTestingPlanName="weekly")
