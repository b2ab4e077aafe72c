"""Executing the stage's ARC Region switch plan in the Region being activated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from contract.parameters import PLAN_ARN
from contract.waiting import wait_until
from operations.errors import OperationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

SUCCEEDED = {"completed", "completedMonitoringApplicationHealth"}
STOPPED = {
    "completedWithExceptions",
    "canceled",
    "planExecutionTimedOut",
    "failed",
    "pausedByFailedStep",
    "pausedByOperator",
}
POLL_SECONDS = 0.25


def execute_plan(
    endpoint: Endpoint,
    plan_arn: str,
    *,
    region: str,
    mode: Literal["graceful", "ungraceful"],
    timeout_seconds: float,
    waits: Callable[[str], None] = lambda _: None,
) -> str:
    """Start the plan that activates `region`, or join an execution in progress, and wait; return the execution's id.

    Only data-plane calls of the activated Region are made (ARC: StartPlanExecution, ListPlanExecutions,
    GetPlanExecution), so it works while us-east-1 is gone. `waits` is told which step runs. Raises OperationError when
    the plan stops before its end.
    """
    client = endpoint.region_switch(region)
    try:
        execution = _in_progress(endpoint, plan_arn, region) or _start(endpoint, plan_arn, region, mode)

        def has_succeeded() -> bool:
            known = client.get_plan_execution(planArn=plan_arn, executionId=execution)
            state = known["executionState"]
            waits(f"recovery plan: {_under_way(known)}")
            if state in STOPPED:
                raise OperationError(f"plan execution {execution} is {state}: see its steps in the ARC console")
            return state in SUCCEEDED

        if wait_until(has_succeeded, seconds=timeout_seconds, pause=POLL_SECONDS):
            return execution
    except (BotoCoreError, ClientError) as error:
        raise OperationError(f"plan {plan_arn} could not be executed in {region}: {error}") from error
    raise OperationError(f"plan execution {execution} still runs after {timeout_seconds:.0f} s: run the command again")


def _under_way(execution: Mapping[str, Any]) -> str:
    """The first step that has not completed, or the execution's state where it tells no such step."""
    steps = execution.get("stepStates", [])
    for number, step in enumerate(steps, start=1):
        if step.get("status") != "completed":
            return f"step {number} of {len(steps)}, {step.get('name')}, is {step.get('status')}"
    return str(execution["executionState"])


def _start(endpoint: Endpoint, plan_arn: str, region: str, mode: Literal["graceful", "ungraceful"]) -> str:
    """Start an execution, or join the one that somebody else started just before, for which ARC refuses a second."""
    try:
        return endpoint.region_switch(region).start_plan_execution(
            planArn=plan_arn, targetRegion=region, action="activate", mode=mode, comment="started by tandem"
        )["executionId"]
    except ClientError:
        execution = _in_progress(endpoint, plan_arn, region)
        if execution is None:
            raise
        return execution


def _in_progress(endpoint: Endpoint, plan_arn: str, region: str) -> str | None:
    try:
        listed = endpoint.region_switch(region).list_plan_executions(planArn=plan_arn, state="inProgress")
    except (BotoCoreError, ClientError):
        return None  # starting is what matters; ARC refuses a second execution by itself
    for item in listed.get("items", []):
        if item.get("executionRegion") == region and item.get("executionState") == "inProgress":
            return item["executionId"]
    return None


def executions_since(endpoint: Endpoint, deployment: Deployment, since: datetime) -> list[dict[str, Any]]:
    """Return the plan's executions that began since then, oldest first, each with its steps; none where it has no plan.

    Each Region is asked for those that activate it; one that does not answer is left out.
    """
    executions: list[dict[str, Any]] = []
    for region in deployment.regions.both:
        plan_arn = deployment.find(region, PLAN_ARN)
        if plan_arn is None:
            continue
        client = endpoint.region_switch(region)
        try:
            for item in client.list_plan_executions(planArn=plan_arn).get("items", []):
                if item["startTime"] >= since:
                    execution = client.get_plan_execution(planArn=plan_arn, executionId=item["executionId"])
                    executions.append({"region": region, **execution})
        except (BotoCoreError, ClientError):
            continue
    return sorted(executions, key=lambda execution: execution["startTime"])
