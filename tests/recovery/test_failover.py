"""Failing over and back: the order of steps, repeatability, and refusals."""

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from recovery.deployment import Deployment, Regions
from recovery.errors import OperationError, WrongInputError
from recovery.failback import fail_back
from recovery.failover import fail_over
from recovery.reconcile import reconcile

ARN = "arn:aws:rds:{}:000000000000:cluster:tandem-ledger-staging-{}"
A, B = "us-east-1", "us-west-2"


class Aws:
    """A little AWS: one global database, one switch, one plan, and every call that was made."""

    def __init__(self, *, writer: str = A, members: tuple[str, ...] = (A, B), inserted: int = 0) -> None:
        self.writer, self.members, self.inserted = writer, members, inserted
        self.calls: list[str] = []
        self.lost: set[str] = set()
        self.states = ["inProgress", "completed"]
        self._region = ""

    def _at(self, region: str) -> "Aws":
        assert region not in self.lost, f"{region} is lost and was asked"
        self._region = region
        return self

    rds = functions = region_switch = dynamodb = _at

    def _client(self, _service: str, region: str) -> "Aws":
        return self._at(region)

    def describe_global_clusters(self, **_: Any) -> dict[str, Any]:
        members = [{"DBClusterArn": ARN.format(r, r), "IsWriter": r == self.writer} for r in self.members]
        return {"GlobalClusters": [{"Status": "available", "GlobalClusterMembers": members}]}

    def failover_global_cluster(self, **given: Any) -> None:
        assert given["AllowDataLoss"]
        self.calls.append("failover")
        self.writer = given["TargetDbClusterIdentifier"].split(":")[3]

    def switchover_global_cluster(self, **given: Any) -> None:
        self.calls.append("switchover")
        self.writer = given["TargetDbClusterIdentifier"].split(":")[3]

    def invoke(self, **given: Any) -> dict[str, Any]:
        payload = json.loads(given["Payload"])
        self.calls.append(payload.get("action") or f"sweep {payload.get('since', '')}".strip())
        return {"Payload": io.BytesIO(json.dumps({"active": True, "inserted": self.inserted}).encode())}

    def list_plan_executions(self, **_: Any) -> dict[str, Any]:
        return {"items": []}

    def start_plan_execution(self, **given: Any) -> dict[str, str]:
        self.calls.append(f"plan {given['mode']} {given['targetRegion']}")
        self.writer = given["targetRegion"]
        return {"executionId": "e"}

    def get_plan_execution(self, **_: Any) -> dict[str, str]:
        return {"executionState": self.states.pop(0)}

    def get_item(self, **_: Any) -> dict[str, Any]:
        return {}

    def get_metric_statistics(self, **_: Any) -> dict[str, Any]:
        return {"Datapoints": []}


def deployed(*regions: str, plan: bool = False) -> Deployment:
    parameters = {r: {"ledger-cluster-arn": ARN.format(r, r), "role": "x"} for r in regions}
    if plan:
        for known in parameters.values():
            known["plan-arn"] = "arn:plan"
    return Deployment(stage="staging", regions=Regions(), parameters=parameters)


def quiet(_: str) -> None:
    """Say nothing."""


def test_a_forced_failover_pulls_the_switch_first_and_asks_only_the_secondary() -> None:
    aws = Aws()
    aws.lost.add(A)
    fail_over(aws, deployed(B), reason="r", say=quiet)  # type: ignore[arg-type]
    assert aws.calls == ["set", "failover", "sweep"]
    assert aws.writer == B


def test_the_point_where_traffic_has_moved_lies_between_the_switch_and_the_writer() -> None:
    aws = Aws()
    fail_over(aws, deployed(B, plan=True), reason="r", say=quiet, reached=aws.calls.append)  # type: ignore[arg-type]
    assert aws.calls == ["set", "traffic-moved", f"plan ungraceful {B}", "sweep"]


def test_running_it_again_finishes_without_a_second_failover() -> None:
    aws = Aws(writer=B)
    fail_over(aws, deployed(B), reason="r", say=quiet)  # type: ignore[arg-type]
    assert aws.calls == ["set", "sweep"]


def test_a_deployed_plan_is_executed_instead() -> None:
    aws = Aws()
    fail_over(aws, deployed(B, plan=True), reason="r", say=quiet)  # type: ignore[arg-type]
    assert aws.calls == ["set", f"plan ungraceful {B}", "sweep"]


def test_a_planned_failover_switches_over() -> None:
    aws = Aws()
    fail_over(aws, deployed(A, B), reason="r", planned=True, say=quiet)  # type: ignore[arg-type]
    assert aws.calls == ["set", "switchover", "sweep"]


def test_a_planned_failover_without_the_primary_moves_nothing() -> None:
    aws = Aws()
    with pytest.raises(OperationError, match=f"{A} does not answer, and a switchover needs both"):
        fail_over(aws, deployed(B), reason="r", planned=True, say=quiet)  # type: ignore[arg-type]
    assert aws.calls == []


class Raced(Aws):
    """Somebody else is always a moment earlier."""

    def failover_global_cluster(self, **given: Any) -> None:
        super().failover_global_cluster(**given)
        raise ClientError({"Error": {"Code": "InvalidGlobalClusterStateFault"}}, "FailoverGlobalCluster")

    def start_plan_execution(self, **given: Any) -> dict[str, str]:
        super().start_plan_execution(**given)
        raise ClientError({"Error": {"Code": "IllegalStateException"}}, "StartPlanExecution")

    def list_plan_executions(self, **_: Any) -> dict[str, Any]:
        started = any(call.startswith("plan") for call in self.calls)
        item = {"executionId": "theirs", "executionRegion": B, "executionState": "inProgress"}
        return {"items": [item] if started else []}


@pytest.mark.parametrize("plan", [False, True])
def test_a_failover_that_comes_second_waits_for_the_first(plan: bool) -> None:  # noqa: FBT001 - pytest passes by name
    aws = Raced()
    fail_over(aws, deployed(B, plan=plan), reason="r", say=quiet)  # type: ignore[arg-type]
    assert aws.writer == B


def test_the_ledger_alone_fails_over_without_the_switch_or_the_plan() -> None:
    aws = Aws()
    fail_over(aws, deployed(A, B, plan=True), reason="r", ledger_only=True, say=quiet)  # type: ignore[arg-type]
    assert aws.calls == ["failover", "sweep"]
    assert aws.writer == B


def test_when_the_secondary_is_lost_while_it_writes_the_ledger_is_forced_to_the_primary() -> None:
    aws = Aws(writer=B)
    aws.lost.add(B)
    fail_over(aws, deployed(A), reason="r", to=A, say=quiet)  # type: ignore[arg-type]
    assert aws.calls == ["failover", "sweep"]
    assert aws.writer == A


def test_a_plan_that_stops_is_a_failure_that_names_its_state() -> None:
    aws = Aws()
    aws.states = ["pausedByFailedStep"]
    with pytest.raises(OperationError, match="pausedByFailedStep"):
        fail_over(aws, deployed(B, plan=True), reason="r", say=quiet)  # type: ignore[arg-type]


def test_without_the_secondary_there_is_nothing_to_fail_over_to() -> None:
    with pytest.raises(WrongInputError, match="nothing to fail over to"):
        fail_over(Aws(), deployed(A), reason="r", say=quiet)  # type: ignore[arg-type]


def test_failing_back_sweeps_switches_over_and_then_releases_the_switch() -> None:
    aws = Aws(writer=B)
    fail_back(aws, deployed(A, B), reason="r", say=quiet)  # type: ignore[arg-type]
    assert aws.calls == ["sweep", "switchover", "release"]
    assert aws.writer == A


@pytest.mark.parametrize(
    ("aws", "regions", "why"),
    [
        (Aws(writer=B), (B,), f"{A} does not answer"),
        (Aws(writer=B, members=(B,)), (A, B), f"{A} is not a member"),
        (Aws(writer=B, inserted=501), (A, B), "inserted 501"),
    ],
)
def test_failing_back_refuses_until_nothing_can_be_lost(aws: Aws, regions: tuple[str, ...], why: str) -> None:
    with pytest.raises(OperationError, match=why):
        fail_back(aws, deployed(*regions), reason="r", say=quiet)  # type: ignore[arg-type]
    assert "switchover" not in aws.calls
    assert "release" not in aws.calls


def test_reconciling_sweeps_the_whole_journal_where_the_ledger_is_written() -> None:
    aws = Aws(writer=B)
    answer = reconcile(aws, deployed(A, B), since=None)  # type: ignore[arg-type]
    assert (answer["region"], aws.calls) == (B, ["sweep beginning"])
