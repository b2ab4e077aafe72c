"""Each thing that is asked of a stage fails by itself."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ProxyConnectionError

from contract.recovery import SWITCH_KEY
from operations.deployment import Deployment, Regions
from operations.errors import OperationError
from operations.status import Ports, gather
from operations.verdict import verdict
from tests.operations.states import A, B

if TYPE_CHECKING:
    from collections.abc import Iterator

ARN = "arn:aws:rds:{}:123456789012:cluster:tandem-ledger-prod-{}"
CALLS = {
    "get_item": {"heartbeats", "recover", "takeover"},
    "query": {"quarantine", f"rows behind of {A}"},
    "describe_global_clusters": {"ledger", f"marks of {B}"},  # nobody knows which one is the replica
    "get_plan_evaluation_status": {"plan evaluation"},
    "get_metric_statistics": {
        "canary",
        *(f"{what} of {r}" for what in ("projector lag", "told marks") for r in (A, B)),
    },
    "describe_alarms": {f"alarms of {A}", f"alarms of {B}"},
    "list_recovery_points_by_backup_vault": {f"{what} of {r}" for what in ("backup", "copy") for r in (A, B)},
    "list_restore_jobs": {f"restore test of {A}", f"restore test of {B}"},
    "get_function_configuration": {f"code of {A}", f"code of {B}"},
}
"""The calls that status makes, and what cannot be read when one fails."""
MAY_BE_EMPTY = {
    "get_metric_statistics",
    "describe_alarms",
    "list_recovery_points_by_backup_vault",
    "list_restore_jobs",
}


def denied(operation: str) -> ClientError:
    return ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, operation)


def job(plan: str, *, days: float, **more: Any) -> dict[str, Any]:
    arn = f"arn:aws:backup:us-east-1:123456789012:restore-testing-plan:{plan}-0f2a"
    created = datetime.now(tz=UTC) - timedelta(days=days)
    return {"CreatedBy": {"RestoreTestingPlanArn": arn}, "CreationDate": created, "Status": "COMPLETED", **more}


JOBS = [
    job("tandem_prod", days=9, Status="FAILED"),
    job("tandem_prod", days=2, ValidationStatus="SUCCESSFUL"),
    job("tandem_staging", days=1, Status="FAILED"),
    {"CreationDate": datetime.now(tz=UTC), "Status": "FAILED"},
]


class Client:
    """A little AWS in one Region, which refuses the operations that it is told to."""

    url = None

    def __init__(self, region: str = A, *, failing: dict[str, Exception] | None = None, odd: str = "") -> None:
        self.region, self.failing, self.odd = region, failing or {}, odd

    def at(self, region: str) -> Client:
        return Client(region, failing=self.failing, odd=self.odd)

    dynamodb = functions = rds = region_switch = cloudwatch = backup = at

    def data_api(self, region: str) -> Client:
        if region == B:  # as AWS: the Data API refuses a cluster that does not write
            return Client(
                B, failing={"execute_statement": ClientError({"Error": {"Code": "BadRequestException"}}, "x")}
            )
        return self.at(region)

    def _answer(self, operation: str, answer: dict[str, Any]) -> dict[str, Any]:
        if operation in self.failing:
            raise self.failing[operation]
        return {} if operation == self.odd else answer

    def get_paginator(self, operation: str) -> Client:
        self.paged = operation
        return self

    def paginate(self, **given: Any) -> Iterator[dict[str, Any]]:
        if "BackupVaultName" in given:
            held = {A: {"tandem-backup-prod"}, B: {"tandem-backup-prod", "tandem-copies-prod"}}
            assert given["BackupVaultName"] in held[self.region], "that vault is in the other Region"
        now = datetime.now(tz=UTC)
        points: list[dict[str, Any]] = [
            {"Status": "COMPLETED", "CreationDate": now - timedelta(hours=2)},
            {"Status": "COMPLETED", "CreationDate": now - timedelta(hours=1)},
            {"Status": "COMPLETED", "CreationDate": now - timedelta(hours=3), "SourceBackupVaultArn": "arn:vault"},
        ]
        points.append({"Status": "CREATING", "CreationDate": now})
        alarms = (
            "tandem-primary-lost-prod",
            "tandem-secondary-prod-Lag-X1",
            "tandem-secondary-prod-b-Lag-X1",
            "another",
        )
        pages: dict[str, dict[str, Any]] = {
            "query": {"Items": [], "Count": 5},
            "describe_alarms": {"MetricAlarms": [{"AlarmName": name} for name in alarms] if self.region == B else []},
            "list_restore_jobs": {"RestoreJobs": JOBS},
            "list_recovery_points_by_backup_vault": {"RecoveryPoints": points},
        }
        yield self._answer(self.paged, pages[self.paged])

    def get_item(self, *, TableName: str, Key: Any, **_: Any) -> dict[str, Any]:  # noqa: N803 - DynamoDB's names
        if TableName == "tandem-takeover-prod":
            assert self.region == B, "that table is in the secondary Region alone"
            if Key == SWITCH_KEY:
                moved = {"active": {"BOOL": False}, "reason": {"S": "back"}, "at": {"N": "1800000000.5"}}
                return self._answer("get_item", {"Item": moved})
            said = {"said": {"S": "declined: the canary sees the primary alive"}, "said_at": {"N": "1800000000"}}
            return self._answer("get_item", {"Item": said})
        return self._answer("get_item", {"Item": {"at": {"N": str(time.time() - 7)}}})

    def describe_global_clusters(self, **_: Any) -> dict[str, Any]:
        members = [{"DBClusterArn": ARN.format(r, r), "IsWriter": r == A} for r in (A, B)]
        answer = {"GlobalClusters": [{"Status": "available", "GlobalClusterMembers": members}]}
        return self._answer("describe_global_clusters", answer)

    def describe_db_instances(self, **_: Any) -> dict[str, Any]:
        return self._answer("describe_db_instances", {"DBInstances": [{"DBInstanceStatus": "available"}]})

    def get_plan_evaluation_status(self, **_: Any) -> dict[str, Any]:
        warnings = [{"warningStatus": "resolved", "warningMessage": "old"}]
        return self._answer("get_plan_evaluation_status", {"evaluationState": "passed", "warnings": warnings})

    def get_metric_statistics(self, **_: Any) -> dict[str, Any]:
        return self._answer("get_metric_statistics", {"Datapoints": []})

    def get_function_configuration(self, **_: Any) -> dict[str, Any]:
        return self._answer("get_function_configuration", {"CodeSha256": "abc"})

    def execute_statement(self, **given: Any) -> dict[str, Any]:
        marks = [[{"stringValue": r}, {"stringValue": "4000.5"}] for r in (A, B)]
        records = marks if "sweep_marks" in given["sql"] else [[{"stringValue": "3"}]]
        return self._answer("execute_statement", {"records": records})


def deployment(*regions: str) -> Deployment:
    def parameters(region: str) -> dict[str, str]:
        names = {"api-name": "api.example.net", "plan-arn": "arn:plan", "database-secret-arn": "arn:secret"}
        return {**names, "ledger-cluster-arn": ARN.format(region, region), "api-url": f"https://{region}"}

    return Deployment(stage="prod", regions=Regions(), parameters={region: parameters(region) for region in regions})


PORTS = Ports(healthy=lambda *_: True, region_in_dns=lambda *_: A)


def state_of(aws: Client, *regions: str, ports: Ports = PORTS) -> Any:
    return gather(aws, deployment(*(regions or (A, B))), ports=ports)  # type: ignore[arg-type]


def test_all_that_is_asked_of_a_whole_stage_is_there() -> None:
    state = state_of(Client())
    assert state.unread == {}
    assert (state.account, state.seen_from, state.traffic) == ("123456789012", B, A)
    assert (state.takeover, state.takeover_reason, state.takeover_at) == (False, "back", 1_800_000_000.5)
    assert (state.plan_evaluation, state.plan_warnings) == ("passed", ())
    assert state.recover_said == "declined: the canary sees the primary alive"
    assert state.recover_said_at == 1_800_000_000.0
    primary, secondary = state.regions[A], state.regions[B]
    assert primary.mark_age_seconds == {A: 4000.5, B: 4000.5}
    assert (primary.conflicts, primary.ledger_answers, primary.code) == (3, True, "abc")
    assert [round(known.backup_age_seconds / 3600) for known in (primary, secondary)] == [1, 1]
    assert [round(known.copy_age_seconds / 3600) for known in (primary, secondary)] == [3, 3]
    assert primary.alarms == ()
    assert secondary.alarms == ("tandem-primary-lost-prod", "tandem-secondary-prod-Lag-X1"), (
        "another stage's is not ours"
    )
    assert (secondary.ledger_answers, secondary.mark_age_seconds) == (None, None), "nobody can tell of a replica"
    json.dumps(state.plain())


@pytest.mark.parametrize("operation", sorted(CALLS))
def test_a_call_that_fails_leaves_one_thing_unknown_and_the_rest_known(operation: str) -> None:
    state = state_of(Client(failing={operation: denied(operation)}))
    assert state.unread.keys() == CALLS[operation]
    assert verdict(state).status != 0


@pytest.mark.parametrize(
    "operation",
    sorted(CALLS.keys() - MAY_BE_EMPTY),
)
def test_an_answer_of_another_form_is_unknown_and_no_exception(operation: str) -> None:
    state = state_of(Client(odd=operation))
    # that `recover` has said nothing yet is an answer, and that nobody has ever moved the switch
    assert state.unread.keys() == CALLS[operation] - {"recover", "takeover"}


@pytest.mark.parametrize(
    "away",
    [EndpointConnectionError(endpoint_url="https://aws"), ProxyConnectionError(proxy_url="http://proxy:3128")],
    ids=["no network", "a proxy"],
)
def test_without_a_network_or_behind_a_proxy_everything_is_unknown_and_nothing_looks_healthy(away: Exception) -> None:
    ports = Ports(healthy=lambda *_: False, region_in_dns=lambda *_: nothing())
    state = state_of(Client(failing=dict.fromkeys([*CALLS, "execute_statement"], away)), ports=ports)
    said_by_the_marks = {f"rows behind of {A}"}
    assert set.union(*CALLS.values()) - said_by_the_marks | {"traffic"} <= state.unread.keys()
    assert str(away) in state.unread.values()
    assert verdict(state).line.startswith("unknown: no Region's API answers here")
    assert verdict(state).status == 1


def nothing() -> str:
    raise OperationError("no answer in DNS")


def test_a_secondary_that_is_blind_is_unknown_because_nobody_knows_how_the_switch_stands() -> None:
    class Blind(Client):
        def dynamodb(self, region: str) -> Client:
            failing: dict[str, Exception] = (
                {"get_item": denied("GetItem"), "query": denied("Query")} if region == B else {}
            )
            return Client(region, failing=failing)

    state = state_of(Blind())
    assert state.regions[A].heartbeat_age_seconds == pytest.approx(7, abs=5), "the primary's table was asked instead"
    assert state.unread.keys() >= {"takeover", "recover"}
    worth = verdict(state)
    assert (worth.status, worth.line.startswith("unknown: takeover")) == (1, True)


def test_a_region_that_is_away_is_asked_nothing() -> None:
    state = state_of(Client(), B)
    assert not state.regions[A].answers
    assert state.regions[A].heartbeat_age_seconds == pytest.approx(7, abs=5)
    assert [what for what in state.unread if A in what] == []


def test_a_writer_s_ledger_behind_which_no_database_answers_is_dead() -> None:
    dead = ClientError({"Error": {"Code": "DatabaseUnavailableException"}}, "ExecuteStatement")
    state = state_of(Client(failing={"execute_statement": dead}))
    assert state.regions[A].ledger_answers is False
    assert f"the ledger of {A} does not answer" in verdict(state).line


@pytest.mark.parametrize(
    "failure",
    [
        denied("ExecuteStatement"),
        ClientError({"Error": {"Code": "DatabaseResumingException"}}, "ExecuteStatement"),
        EndpointConnectionError(endpoint_url="https://rds-data"),
    ],
)
def test_a_writer_s_ledger_that_may_or_can_not_be_asked_is_unknown(failure: Exception) -> None:
    state = state_of(Client(failing={"execute_statement": failure}))
    assert state.regions[A].ledger_answers is None
    assert state.unread.keys() == {f"marks of {A}"}
    assert verdict(state).status == 3


def test_a_replica_without_a_running_instance_is_dead() -> None:
    class Stopped(Client):
        def at(self, region: str) -> Client:
            return Stopped(region)

        rds = at

        def describe_db_instances(self, **_: Any) -> dict[str, Any]:
            return {"DBInstances": [{"DBInstanceStatus": "failed"}]}

    assert state_of(Stopped()).regions[B].ledger_answers is False


class Telling(Client):
    """Its functions have told CloudWatch something a minute ago; the Data API refuses whoever asks."""

    def at(self, region: str) -> Telling:
        return Telling(region, failing=self.failing)

    dynamodb = functions = rds = region_switch = cloudwatch = backup = data_api = at

    def get_metric_statistics(self, **given: Any) -> dict[str, Any]:
        at = datetime.now(tz=UTC) - timedelta(minutes=1)
        value = {"MarkAge": 4000.0, "CanaryAcknowledged": 0.25, "CanaryJournalled": 1.5}.get(given["MetricName"], 0.0)
        return {"Datapoints": [{"Timestamp": at, "Maximum": value}]}


def test_who_may_not_ask_a_ledger_knows_it_by_what_its_sweeper_told() -> None:
    state = state_of(Telling(failing={"execute_statement": denied("ExecuteStatement")}))
    for known in state.regions.values():
        assert (known.ledger_answers, known.conflicts) == (None, None)
        assert known.mark_age_seconds == {A: 4000.0, B: 4000.0}
        assert known.marks_told_seconds == pytest.approx(60, abs=5)
    assert state.unread == {}
    assert verdict(state).line.startswith("degraded: in ALARM"), "and nothing else is the matter"


def test_a_ledger_that_is_dead_is_not_known_by_what_its_sweeper_told_before() -> None:
    dead = ClientError({"Error": {"Code": "DatabaseUnavailableException"}}, "ExecuteStatement")
    state = state_of(Telling(failing={"execute_statement": dead}))
    assert state.regions[A].ledger_answers is False
    assert state.regions[A].mark_age_seconds is None


def test_the_canary_tells_of_each_region_its_answer_and_how_far_its_journal_is_behind() -> None:
    for known in state_of(Telling(failing={"execute_statement": denied("x")})).regions.values():
        assert (known.canary.acknowledged.value, known.canary.journalled.value) == (0.25, 1.5)
    silent = state_of(Client()).regions[A].canary
    assert (silent.acknowledged, silent.journalled) == (None, None)


def test_the_last_restore_test_of_this_stage_is_shown_and_a_failed_one_is_degraded() -> None:
    tested = state_of(Client()).regions[A].restore_test
    assert (tested.outcome, round(tested.ago_seconds / 86_400)) == ("passed", 2)
    for bad in ({"Status": "ABORTED"}, {"ValidationStatus": "FAILED"}, {"ValidationStatus": "TIMED_OUT"}):
        JOBS.append(job("tandem_prod", days=1, **bad))
        try:
            state = state_of(Client())
        finally:
            JOBS.pop()
        assert state.regions[A].restore_test.outcome == "failed"
        assert f"the last restore test in {A} failed" in verdict(state).line


def test_rows_that_the_journal_holds_and_the_ledger_lacks_are_counted() -> None:
    rows = state_of(Client()).regions[A].rows_behind
    assert rows.rows > 0, "the journal tells five for each bucket, the ledger three in all"
    assert state_of(Client()).regions[B].rows_behind is None


def test_no_region_that_holds_the_stage_is_an_error() -> None:
    with pytest.raises(OperationError, match="no Region answered"):
        gather(Client(), Deployment(stage="prod", regions=Regions(), parameters={}))  # type: ignore[arg-type]
