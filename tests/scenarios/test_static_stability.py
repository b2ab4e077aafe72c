"""While the primary Region is lost, what the runbook says still works does, and asks nothing of what is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from drills.embedded.cdk import CdkCli
from tests.scenarios.assembly import Assembly
from tests.scenarios.calls import TOLERATED, callers, needed, refused
from tests.scenarios.conftest import LONG
from tests.scenarios.operations import PRIMARY, SECONDARY, STACK, Operator, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scenarios.conftest import DeployedStage

pytestmark = LONG


def logical_id(assembly: Assembly, function: str) -> str:
    functions = assembly.resources("AWS::Lambda::Function")
    return next(name for name, each in functions.items() if each["Properties"].get("FunctionName") == function)


def first_alarm(assembly: Assembly) -> tuple[str, dict[str, Any]]:
    return min(assembly.resources("AWS::CloudWatch::Alarm").items())


@pytest.fixture(scope="module")
def without_primary(deployed: DeployedStage) -> Iterator[Operator]:
    """An operator who has lost the primary Region and has done all that the runbook says still works."""
    operator = Operator(deployed, SECONDARY)
    original = deployed.assembly
    changed = Assembly(original, deployed.work / "changed", stack=STACK)
    changed.change_code(
        logical_id(changed, f"tandem-health-{deployed.name}"),
        "tandem_runtime/health/handler.py",
        '"status": "ok"',
        '"status": "changed"',
    )
    changed.change(
        logical_id(changed, f"tandem-transactions-{deployed.name}"), lambda each: each.update(MemorySize=1024)
    )
    changed.change(first_alarm(changed)[0], lambda each: each.update(EvaluationPeriods=7))
    role = Assembly(original, deployed.work / "role", stack=STACK)
    policy = min(role.resources("AWS::IAM::Policy"))
    statement = {"Effect": "Allow", "Action": "sns:GetTopicAttributes", "Resource": "arn:aws:sns:*:*:none"}
    role.change(policy, lambda each: each["PolicyDocument"]["Statement"].append(statement))
    operator.control.lose(PRIMARY)
    try:
        operator.tandem("failback", "--yes")
        operator.tandem("failover", "--planned", "--yes", step="planned")
        operator.tandem("status", "--json")
        operator.tandem("failover", "--force", "--yes")
        operator.deploy("deploy", changed.folder)
        operator.deploy("deploy-role", role.folder)
        yield operator
    finally:
        operator.control.restore(PRIMARY)
        operator.fail_back()
        CdkCli(deployed.url, deployed.work / "original", assembly=original, region=SECONDARY).deploy(STACK)


def test_status_answers_and_says_that_the_primary_does_not(without_primary: Operator) -> None:
    step = without_primary.steps["status"]
    assert step.status == 3, step.err
    state = json.loads(step.out)
    assert state["seen_from"] == SECONDARY
    assert state["ledger"]["writer"] == PRIMARY, "the failover came later"
    assert state["takeover"] is False
    assert not state["regions"][PRIMARY]["deployed"]
    assert state["regions"][SECONDARY]["healthy"]


def test_failing_back_is_refused_in_one_line(without_primary: Operator) -> None:
    step = without_primary.steps["failback"]
    assert step.status == 1
    assert step.err == f"tandem: not failing back: {PRIMARY} does not answer\n"


def test_a_planned_switchover_is_refused_in_one_line_and_moves_nothing(without_primary: Operator) -> None:
    step = without_primary.steps["planned"]
    assert step.status == 1
    assert step.err.startswith(f"tandem: {PRIMARY} does not answer, and a switchover needs both Regions")
    assert step.err.count("\n") == 1


def test_failover_completes_and_asks_nothing_of_the_region_it_leaves(without_primary: Operator) -> None:
    step = without_primary.steps["failover"]
    assert step.status == 0, step.err
    assert without_primary.writer() == SECONDARY
    assert refused(step.calls, PRIMARY) == []


def test_changed_code_configuration_and_alarm_are_deployed_by_the_cli(without_primary: Operator) -> None:
    step = without_primary.steps["deploy"]
    assert step.status == 0, step.out[-2000:]
    assert "GetCallerIdentity" in [call["operation"] for call in step.calls], "the CLI remembered who it is"
    until(lambda: without_primary.health() == (200, "changed"), "the changed code did not answer")
    name = f"tandem-transactions-{without_primary.stage.name}"
    functions = without_primary.endpoint.functions(SECONDARY)
    assert functions.get_function_configuration(FunctionName=name)["MemorySize"] == 1024
    alarms = without_primary.endpoint._client("cloudwatch", SECONDARY).describe_alarms()["MetricAlarms"]  # noqa: SLF001 - it has no public name
    assert 7 in [each["EvaluationPeriods"] for each in alarms]


def test_what_needs_iam_fails_and_the_stack_rolls_back(without_primary: Operator) -> None:
    step = without_primary.steps["deploy-role"]
    assert step.status != 0
    assert "its control plane is in us-east-1" in step.out
    assert [call["operation"] for call in refused(step.calls, PRIMARY)] == ["update AWS::IAM::Policy"]
    assert needed("deploy-role", step.calls, PRIMARY), "the judge passes a step that needed what was lost"
    stack = f"tandem-secondary-{without_primary.stage.name}"
    described = without_primary.endpoint._client("cloudformation", SECONDARY).describe_stacks(StackName=stack)  # noqa: SLF001 - it has no public name
    assert described["Stacks"][0]["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"


@pytest.mark.parametrize("name", ["failback", "planned", "status", "failover", "deploy"])
def test_no_call_that_was_made_needed_what_was_lost(name: str, without_primary: Operator) -> None:
    calls = without_primary.steps[name].calls
    assert needed(name, calls, PRIMARY) == []
    assert callers(calls) == {"cdk" if name == "deploy" else "tandem"}, "the record misses who it is about"


def test_every_tolerated_call_was_tried(without_primary: Operator) -> None:
    for each in TOLERATED:
        calls = without_primary.steps[each.step].calls
        assert any(each.covers(each.step, call) for call in calls), f"{each} is out of date: take it off the list"
