"""Failing over and back: the order of steps, repeatability, and refusals."""

import io
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from operations.clock import Clock
from operations.deployment import Deployment, Regions
from operations.errors import CredentialsError, OperationError, WrongInputError
from operations.failback import fail_back
from operations.failover import fail_over
from operations.reconcile import reconcile
from operations.sweeping import AWAY_SECONDS

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
        self.silent_ledgers: set[str] = set()
        self.sweeps: list[dict[str, Any] | Exception] = []
        self.switch_set = writer == B
        self.unreadable = ""

    def _at(self, region: str) -> "Aws":
        assert region not in self.lost, f"{region} is lost and was asked"
        self._region = region
        return self

    rds = functions = long_functions = region_switch = dynamodb = data_api = cloudwatch = _at

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
        action = payload.get("action")
        if action != "status":
            self.calls.append(action or f"sweep {payload.get('since')}")
        answer: dict[str, Any] | Exception
        if action:
            self.switch_set = action == "set" or (action == "status" and self.switch_set)
            answer = {"active": self.switch_set}
        else:
            answer = {"role": "writer", "swept": True, "read": 0, "inserted": self.inserted, "done": True}
            answer = self.sweeps.pop(0) if self.sweeps else answer
        if isinstance(answer, Exception):
            raise answer
        error = {"FunctionError": "Unhandled"} if "errorMessage" in answer else {}
        return {"Payload": io.BytesIO(json.dumps(answer).encode()), **error}

    def execute_statement(self, **_: Any) -> dict[str, Any]:
        if self._region in self.silent_ledgers:
            raise ClientError({"Error": {"Code": "DatabaseUnavailableException"}}, "ExecuteStatement")
        return {"records": []}

    def list_plan_executions(self, **_: Any) -> dict[str, Any]:
        return {"items": []}

    def start_plan_execution(self, **given: Any) -> dict[str, str]:
        self.calls.append(f"plan {given['mode']} {given['targetRegion']}")
        self.writer = given["targetRegion"]
        return {"executionId": "e"}

    def get_plan_execution(self, **_: Any) -> dict[str, str]:
        return {"executionState": self.states.pop(0)}

    def get_item(self, **_: Any) -> dict[str, Any]:
        if self.unreadable == "heartbeats":
            raise EndpointConnectionError(endpoint_url="https://dynamodb")
        return {} if self.unreadable == "no heartbeat" else {"Item": {"at": {"N": str(time.time())}}}

    def get_metric_statistics(self, **_: Any) -> dict[str, Any]:
        if self.unreadable == "metrics":
            raise EndpointConnectionError(endpoint_url="https://monitoring")
        return {"Datapoints": []}


class Time:
    """A clock that a wait moves on, and what happens meanwhile."""

    def __init__(self, *meanwhile: Callable[[], None]) -> None:
        self.at, self._meanwhile = 0.0, list(meanwhile)
        self.clock = Clock(now=lambda: self.at, sleep=self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.at += seconds
        if self._meanwhile:
            self._meanwhile.pop(0)()


def deployed(*regions: str, plan: bool = False) -> Deployment:
    parameters = {
        r: {"ledger-cluster-arn": ARN.format(r, r), "database-secret-arn": "arn:secret", "role": "x"} for r in regions
    }
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
    assert aws.calls == ["set", "failover", "sweep mark"]
    assert aws.writer == B


def test_the_point_where_traffic_has_moved_lies_between_the_switch_and_the_writer() -> None:
    aws = Aws()
    fail_over(aws, deployed(B, plan=True), reason="r", say=quiet, reached=aws.calls.append)  # type: ignore[arg-type]
    assert aws.calls == ["set", "traffic-moved", f"plan ungraceful {B}", "sweep mark"]


def test_running_it_again_finishes_without_a_second_failover() -> None:
    aws = Aws(writer=B)
    fail_over(aws, deployed(B), reason="r", say=quiet)  # type: ignore[arg-type]
    assert aws.calls == ["set", "sweep mark"]


def test_a_deployed_plan_is_executed_instead() -> None:
    aws = Aws()
    fail_over(aws, deployed(B, plan=True), reason="r", say=quiet)  # type: ignore[arg-type]
    assert aws.calls == ["set", f"plan ungraceful {B}", "sweep mark"]


def test_a_planned_failover_switches_over() -> None:
    aws = Aws()
    fail_over(aws, deployed(A, B), reason="r", planned=True, say=quiet)  # type: ignore[arg-type]
    assert aws.calls == ["set", "switchover", "sweep mark"]


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
    assert aws.calls == ["failover", "sweep mark"]
    assert aws.writer == B


def test_when_the_secondary_is_lost_while_it_writes_the_ledger_is_forced_to_the_primary() -> None:
    aws = Aws(writer=B)
    aws.lost.add(B)
    fail_over(aws, deployed(A), reason="r", to=A, say=quiet)  # type: ignore[arg-type]
    assert aws.calls == ["failover", "sweep mark"]
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
    assert aws.calls == ["sweep mark", "switchover", "release"]
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


DEAD = {"errorMessage": "the ledger could not be reached"}
REPLICA = {"role": "replica", "swept": False}


def test_a_failover_whose_new_ledger_does_not_answer_fails_and_says_that_the_sweep_did_not_run() -> None:
    aws = Aws()
    aws.silent_ledgers, aws.sweeps = {A, B}, [DEAD]
    with pytest.raises(OperationError, match=f"{B} is the writer, but its ledger does not answer, and the sweep did"):
        fail_over(aws, deployed(B), reason="r", say=quiet, clock=Time().clock)  # type: ignore[arg-type]
    assert aws.calls == ["set", "failover", "sweep mark"]


@pytest.mark.parametrize(
    ("sweeps", "why"),
    [([DEAD, DEAD], "could not be reached"), ([REPLICA, REPLICA], "takes no writes"), ([{}, {}], "{}")],
)
def test_a_sweep_that_is_left_to_do_is_said_with_its_reason(sweeps: list[Any], why: str) -> None:
    aws, said = Aws(), list[str]()
    aws.sweeps = sweeps
    assert not fail_over(aws, deployed(B), reason="r", say=said.append, clock=Time().clock)  # type: ignore[arg-type]
    assert "the sweep did not run" in said[-1]
    assert why in said[-1]


def test_a_sweep_that_gave_no_answer_is_not_run_beside_itself() -> None:
    aws = Aws()
    aws.sweeps = [EndpointConnectionError(endpoint_url="https://lambda")]
    assert not fail_over(aws, deployed(B), reason="r", say=quiet, clock=Time().clock)  # type: ignore[arg-type]
    assert aws.calls.count("sweep mark") == 1


def test_a_ledger_that_answers_only_after_a_while_is_swept_then() -> None:
    aws = Aws()
    aws.silent_ledgers, aws.sweeps = {B}, [DEAD]
    waited = Time(aws.silent_ledgers.clear)
    assert fail_over(aws, deployed(B), reason="r", say=quiet, clock=waited.clock)  # type: ignore[arg-type]
    assert aws.calls == ["set", "failover", "sweep mark", "sweep mark"]


@pytest.mark.parametrize("error", [CredentialsError("they expired"), OperationError("it is away")])
def test_after_the_switch_is_set_a_failure_says_that_traffic_has_moved_and_the_ledger_has_not(error: Exception) -> None:
    class Stops(Aws):
        def failover_global_cluster(self, **_: Any) -> None:
            raise error

    with pytest.raises(type(error), match=f"traffic has moved to {B}, the ledger has not: {error}"):
        fail_over(Stops(), deployed(B), reason="r", say=quiet)  # type: ignore[arg-type]


def test_a_switch_that_does_not_say_that_it_is_set_is_not_taken_for_set() -> None:
    class Mute(Aws):
        def invoke(self, **_: Any) -> dict[str, Any]:
            return {"Payload": io.BytesIO(b"<html>")}

    said = list[str]()
    with pytest.raises(OperationError, match="no JSON"):
        fail_over(Mute(), deployed(B), reason="r", say=said.append)  # type: ignore[arg-type]
    assert said == []


@pytest.mark.parametrize(
    ("unreadable", "why"),
    [
        ("heartbeats", f"the last heartbeat of {A} is unknown"),
        ("no heartbeat", f"the last heartbeat of {A} is unknown"),
        ("metrics", f"how far the projector of {B} is behind its stream is unknown"),
    ],
)
def test_what_cannot_be_read_is_in_the_way_of_failing_back(unreadable: str, why: str) -> None:
    aws = Aws(writer=B)
    aws.unreadable = unreadable
    with pytest.raises(OperationError, match=why):
        fail_back(aws, deployed(A, B), reason="r", say=quiet)  # type: ignore[arg-type]
    assert aws.calls == []


@pytest.mark.parametrize("answer", [REPLICA, DEAD, {}, {"role": "writer", "swept": True}])
def test_a_sweep_that_did_not_run_is_in_the_way_of_failing_back(answer: dict[str, Any]) -> None:
    aws = Aws(writer=B)
    aws.sweeps = [answer]
    with pytest.raises(OperationError, match=f"the sweep in {B} did not run"):
        fail_back(aws, deployed(A, B), reason="r", say=quiet)  # type: ignore[arg-type]
    assert aws.writer == B


def test_a_call_that_fails_while_failing_back_is_waited_out() -> None:
    class Falters(Aws):
        failing = True

        def switchover_global_cluster(self, **given: Any) -> None:
            if self.failing:
                raise EndpointConnectionError(endpoint_url="https://rds")
            super().switchover_global_cluster(**given)

    aws = Falters(writer=B)
    waited = Time(lambda: None, lambda: setattr(aws, "failing", False))
    fail_back(aws, deployed(A, B), reason="r", wait_seconds=5, say=quiet, clock=waited.clock)  # type: ignore[arg-type]
    assert aws.writer == A
    assert waited.at == 1.0


def test_a_region_that_did_not_answer_at_first_is_looked_for_again() -> None:
    aws, answering = Aws(writer=B), [deployed(B), deployed(A, B)]
    fail_back(
        aws,  # type: ignore[arg-type]
        deployed(B),
        reason="r",
        wait_seconds=5,
        say=quiet,
        find=lambda: answering.pop(0),
        clock=Time().clock,
    )
    assert aws.writer == A


def test_failing_back_again_claims_nothing_that_was_so_already() -> None:
    aws, said = Aws(writer=A), list[str]()
    fail_back(aws, deployed(A, B), reason="r", say=said.append)  # type: ignore[arg-type]
    assert said == [
        f"{A} is current",
        f"asking that {A} write the ledger: a move takes minutes on AWS",
        f"{A} writes the ledger already",
        "the takeover switch was not set: nothing to release",
    ]


BUSY = {"role": "writer", "swept": False, "busy": True}


def part(read: int, inserted: int, *, done: bool = False) -> dict[str, Any]:
    return {"role": "writer", "swept": True, "read": read, "inserted": inserted, "done": done, "request": "r"}


def test_reconciling_asks_until_all_is_read_and_starts_nothing_beside_another_sweep() -> None:
    aws, said, waited = Aws(), list[str](), Time()
    aws.sweeps = [BUSY, part(5_000, 2), BUSY, part(3_000, 1, done=True)]
    answer = reconcile(aws, deployed(A, B), since=None, say=said.append, clock=waited.clock)  # type: ignore[arg-type]
    assert (answer["read"], answer["inserted"], waited.at) == (8_000, 3, 3.0)
    assert said[0].startswith("5000 items read")


def test_a_read_that_is_resumed_is_said() -> None:
    aws, said = Aws(), list[str]()
    progress = {"read": 9_000, "started_at": "2026-01-01", "segments": 4, "segments_read": 3}
    aws.sweeps = [{**part(1_000, 0, done=True), "progress": progress}]
    reconcile(aws, deployed(A, B), since=None, say=said.append, clock=Time().clock)  # type: ignore[arg-type]
    assert said == ["resumed a read of 2026-01-01 that had read 8000 items"]


AWAY = {"errorType": "LedgerUnavailableError", "errorMessage": "ledger: network error"}


def test_a_sweeper_whose_connection_was_ended_by_a_move_is_asked_again() -> None:
    aws, waited = Aws(), Time()
    aws.sweeps = [AWAY, part(5_000, 2), AWAY, part(3_000, 1, done=True)]
    answer = reconcile(aws, deployed(A, B), since=None, clock=waited.clock)  # type: ignore[arg-type]
    assert (answer["read"], answer["inserted"]) == (8_000, 3)


def test_a_ledger_that_stays_away_is_not_waited_for_without_end() -> None:
    aws, waited = Aws(), Time()
    aws.sweeps = [AWAY] * 1_000
    with pytest.raises(OperationError, match="network error"):
        reconcile(aws, deployed(A, B), since=None, clock=waited.clock)  # type: ignore[arg-type]
    assert waited.at <= AWAY_SECONDS + 1


def test_a_sweeper_that_stays_busy_is_not_waited_for_without_end() -> None:
    aws = Aws()
    aws.sweeps = [BUSY] * 1_000
    with pytest.raises(OperationError, match="another sweep has been at work for too long"):
        reconcile(aws, deployed(A, B), since=None, clock=Time().clock)  # type: ignore[arg-type]
