"""Region switch plans and their executions, as the service model and the developer guide have them."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from botocore.parsers import RpcV2CBORParser
from botocore.serialize import RpcV2CBORSerializer

from emulator.region_switch.errors import IllegalArgumentError, IllegalStateError, ResourceNotFoundError
from emulator.region_switch.plans import RegionSwitch
from emulator.region_switch.wire import MODEL, codec_of

ACCOUNT, A, B = "000000000000", "us-east-1", "us-west-2"
PATIENCE = 60.0
APPROVAL = {"executionApprovalConfig": {"approvalRole": "arn:aws:iam::000000000000:role/approver"}}
STEP = {"name": "ask", "executionBlockType": "ManualApproval", "executionBlockConfiguration": APPROVAL}
PLAN = {
    "name": "leave",
    "executionRole": "arn:aws:iam::000000000000:role/plan",
    "recoveryApproach": "activePassive",
    "regions": [A, B],
    "primaryRegion": A,
    "workflows": [
        {"workflowTargetAction": "activate", "workflowTargetRegion": region, "steps": [STEP]} for region in (A, B)
    ],
}


class World:
    """A Region switch of two Regions, and one plan."""

    def __init__(self) -> None:
        self.lost: set[str] = set()
        self.switch = RegionSwitch(lambda region: region in self.lost)
        self.arn = self.call("CreatePlan", PLAN)["plan"]["arn"]

    def call(self, operation: str, given: dict[str, Any], region: str = B) -> dict[str, Any]:
        """Call an operation in a Region."""
        return self.switch.call(operation, given, ACCOUNT, region)

    def start(self, region: str = B) -> str:
        """Activate a Region and wait for the step that cannot be done."""
        wanted = {"planArn": self.arn, "targetRegion": region, "action": "activate", "mode": "ungraceful"}
        execution = self.call("StartPlanExecution", wanted, region)["executionId"]
        assert self.switch.executions(self.arn, region)[-1].until("pausedByFailedStep", seconds=PATIENCE)
        return str(execution)

    def named(self, execution: str) -> dict[str, Any]:
        """The members that name an execution."""
        return {"planArn": self.arn, "executionId": execution}


def test_a_failed_step_pauses_the_execution_until_it_is_skipped() -> None:
    world = World()
    execution = world.start()
    skip = {**world.named(execution), "stepName": "ask", "actionToTake": "skip", "comment": "by hand"}
    world.call("UpdatePlanExecutionStep", skip)
    assert world.switch.executions(world.arn, B)[0].until("completed", seconds=PATIENCE)
    found = world.call("GetPlanExecution", world.named(execution))
    assert [step["status"] for step in found["stepStates"]] == ["skipped"]
    kinds = [each["type"] for each in world.call("ListPlanExecutionEvents", world.named(execution))["items"]]
    assert kinds == ["executionSucceeded", "stepSkipped", "stepFailed", "stepStarted", "executionStarted"]


def test_an_ungraceful_execution_skips_every_custom_action() -> None:
    world = World()
    nowhere = {"lambdas": [], "regionToRun": "activatingRegion", "retryIntervalMinutes": 1, "timeoutMinutes": 1}
    step = {
        "name": "act",
        "executionBlockType": "CustomActionLambda",
        "executionBlockConfiguration": {"customActionLambdaConfig": nowhere},
    }
    workflow = {"workflowTargetAction": "activate", "workflowTargetRegion": B, "steps": [step]}
    arn = world.call("CreatePlan", {**PLAN, "name": "act", "workflows": [workflow]})["plan"]["arn"]
    states = []
    for mode, ends in (("ungraceful", "completed"), ("graceful", "pausedByFailedStep")):
        given = {"planArn": arn, "targetRegion": B, "action": "activate", "mode": mode}
        world.call("StartPlanExecution", given)
        execution = world.switch.executions(arn, B)[-1]
        assert execution.until(ends, seconds=PATIENCE)
        states.append(execution.state["stepStates"][0]["status"])
    assert states == ["skipped", "failed"]


def test_a_second_execution_is_refused_while_one_is_in_progress_in_either_region() -> None:
    world = World()
    execution = world.start()
    for region in (A, B):
        wanted = {"planArn": world.arn, "targetRegion": region, "action": "activate"}
        with pytest.raises(IllegalStateError, match=execution):
            world.call("StartPlanExecution", wanted, region)


def test_an_execution_of_a_lost_region_keeps_nobody_from_leaving_it() -> None:
    world = World()
    world.start(A)
    world.lost.add(A)
    world.start(B)
    assert world.switch.executions(world.arn, A)[0].until("failed", seconds=PATIENCE)


def test_a_canceled_execution_ends() -> None:
    world = World()
    execution = world.start()
    world.call("CancelPlanExecution", world.named(execution))
    with pytest.raises(IllegalStateError, match="canceled"):
        world.call("CancelPlanExecution", world.named(execution))
    world.start()


def test_executions_are_seen_where_they_run() -> None:
    world = World()
    execution = world.start()
    assert [each["executionId"] for each in world.call("ListPlanExecutions", {"planArn": world.arn})["items"]] == [
        execution
    ]
    assert world.call("ListPlanExecutions", {"planArn": world.arn}, A)["items"] == []
    with pytest.raises(ResourceNotFoundError):
        world.call("GetPlanExecution", world.named(execution), A)


def test_a_plan_with_an_open_execution_is_not_deleted() -> None:
    world = World()
    world.start()
    with pytest.raises(IllegalStateError):
        world.call("DeletePlan", {"arn": world.arn})


def test_a_region_without_a_workflow_is_not_activated() -> None:
    world = World()
    wanted = {"planArn": world.arn, "targetRegion": "eu-west-1", "action": "activate"}
    with pytest.raises(IllegalArgumentError, match="eu-west-1"):
        world.call("StartPlanExecution", wanted, "eu-west-1")


def test_an_update_raises_the_version_and_a_deleted_plan_is_gone() -> None:
    world = World()
    changed = {key: PLAN[key] for key in ("workflows", "executionRole")} | {"arn": world.arn, "description": "new"}
    assert world.call("UpdatePlan", changed)["plan"]["version"] == "2"
    world.call("DeletePlan", {"arn": world.arn})
    with pytest.raises(ResourceNotFoundError):
        world.call("GetPlanInRegion", {"arn": world.arn})


def test_what_boto3_writes_is_read_and_what_is_written_boto3_reads() -> None:
    world = World()
    operation = MODEL.operation_model("GetPlanInRegion")
    request: Any = RpcV2CBORSerializer().serialize_to_request({"arn": world.arn}, operation)
    codec = codec_of(request["url_path"], {})
    assert codec is not None
    answer = codec.answer(world.call(codec.operation, codec.read(request["body"])))
    parser: Any = RpcV2CBORParser()
    response = {"status_code": answer.status, "headers": answer.headers, "body": answer.body, "context": {}}
    assert parser.parse(response, operation.output_shape)["plan"]["workflows"] == PLAN["workflows"]


def test_an_error_is_what_boto3_raises_by_its_code() -> None:
    codec = codec_of("/service/ArcRegionSwitch/operation/StartPlanExecution", {})
    assert codec is not None
    answer = codec.error(IllegalStateError("plan execution 1 is in progress"))
    parser: Any = RpcV2CBORParser()
    response = {"status_code": answer.status, "headers": answer.headers, "body": answer.body, "context": {}}
    error = parser.parse(response, MODEL.operation_model(codec.operation).output_shape)["Error"]
    assert error == {"Code": "IllegalStateException", "Message": "plan execution 1 is in progress"}


def test_a_plan_is_never_evaluated_here_and_says_so_in_each_region() -> None:
    world = World()
    for region in (A, B):
        told = world.call("GetPlanEvaluationStatus", {"planArn": world.arn}, region)
        assert (told["region"], told["evaluationState"], told["warnings"]) == (region, "pendingEvaluation", [])
    with pytest.raises(ResourceNotFoundError):
        world.call("GetPlanEvaluationStatus", {"planArn": f"{world.arn}0"})
