"""Each line of a preflight passes, fails with its remedy, or is unknown, and no line holds up another."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from command import preflight as command
from command.cli import main
from operations.deployment import Deployment, Regions
from operations.preflight.lines import Line, Outcome, Subject, worst
from operations.preflight.questions import Ports, preflight
from tests.operations.states import A, B

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNT = "123456789012"
SERVERS = {"ns-1.awsdns.com", "ns-2.awsdns.org"}
PORTS = Ports(name_servers=lambda _: SERVERS, healthy=lambda *_: True, refused_changes=lambda _: ())


def answers() -> dict[str, Any]:
    """What the little AWS says to each operation: of a stage that is ready for everything."""
    arn = "arn:aws:rds:{}:" + ACCOUNT + ":cluster:ledger"
    return {
        "get_caller_identity": {"Account": ACCOUNT},
        "get_parameters": {"Parameters": [{"Value": "28"}]},
        "describe_db_engine_versions": {
            "DBEngineVersions": [{"EngineVersion": "16.8", "Status": "available", "SupportsGlobalDatabases": True}]
        },
        "get_function_configuration": {"CodeSha256": "c0de"},
        "describe_global_clusters": {
            "GlobalClusters": [
                {
                    "Status": "available",
                    "GlobalClusterMembers": [{"DBClusterArn": arn.format(r), "IsWriter": r == A} for r in (A, B)],
                }
            ]
        },
        "get_plan_evaluation_status": {"evaluationState": "passed"},
        "get_account_settings": {"AccountLimit": {"ConcurrentExecutions": 1000}},
        "describe_limits": {"TableMaxWriteCapacityUnits": 40_000, "TableMaxReadCapacityUnits": 40_000},
        "list_service_quotas": {"Quotas": [{"QuotaName": "Throttle rate", "Value": 10_000.0}]},
        "describe_db_clusters": {"DBClusters": [{"ServerlessV2ScalingConfiguration": {"MaxCapacity": 32.0}}]},
        "get_metric_statistics": {"Datapoints": [{"Maximum": 5.0, "Sum": 9000.0}]},
        "get_hosted_zone": {
            "HostedZone": {"Name": "tandem.example.net."},
            "DelegationSet": {"NameServers": sorted(SERVERS)},
        },
        "list_certificates": {"CertificateSummaryList": [{"CertificateArn": "arn:c", "DomainName": "api.example.net"}]},
        "describe_certificate": {
            "Certificate": {"Status": "ISSUED", "NotAfter": datetime.now(tz=UTC) + timedelta(days=200)}
        },
    }


class Client:
    """A little AWS, alike in both Regions unless an answer is changed for one."""

    url = None

    def __init__(self, changed: dict[str, Any] | None = None, region: str = A) -> None:
        self.changed, self.region = changed or {}, region

    def client(self, _: str, region: str) -> Client:
        return self.at(region)

    def at(self, region: str) -> Client:
        return Client(self.changed, region)

    parameters = rds = functions = region_switch = cloudwatch = dynamodb = at

    def __getattr__(self, operation: str) -> Any:
        return lambda **_: self.answer(operation)

    def answer(self, operation: str) -> Any:
        said = self.changed.get(f"{operation} in {self.region}", self.changed.get(operation, answers().get(operation)))
        if isinstance(said, Exception):
            raise said
        return said

    def get_paginator(self, operation: str) -> Client:
        self.paged = operation
        return self

    def paginate(self, **_: Any) -> Iterator[Any]:
        yield self.answer(self.paged)


def told(region: str) -> dict[str, str]:
    return {
        "topology": "dual",
        "api-name": "api.example.net",
        "api-url": f"https://a1b2.execute-api.{region}.amazonaws.com",
        "journal-table": "journal",
        "operational-table": "operational",
        "ledger-global-cluster": "ledger",
        "ledger-cluster-arn": f"arn:aws:rds:{region}:{ACCOUNT}:cluster:ledger",
        "hosted-zone-id": "Z1",
        "plan-arn": "arn:plan",
    }


def subject(
    changed: dict[str, Any] | None = None, parameters: dict[str, dict[str, str]] | None = None, **values: Any
) -> Subject:
    held = {region: told(region) for region in (A, B)} if parameters is None else parameters
    given: dict[str, Any] = {
        "deployment": Deployment(stage="prod", regions=Regions(), parameters=held),
        "settings": {"ledger": {"engine_version": "16.8"}},
    }
    endpoint: Any = Client(changed)
    return Subject(endpoint=endpoint, stage="prod", regions=Regions(), folder=Path(), **(given | values))


def lines(of: Subject, ports: Ports = PORTS) -> dict[str, Line]:
    return {line.name: line for line in preflight(of, ports=ports)}


def test_every_line_of_a_stage_that_is_ready_passes_and_needs_no_remedy() -> None:
    ready = lines(subject())
    assert {line.outcome for line in ready.values()} == {Outcome.PASSED}
    assert {line.remedy for line in ready.values()} == {""}
    assert len(ready) == 19


def test_before_the_first_deployment_only_what_a_deployment_needs_is_asked() -> None:
    names = {f"{what} {r}" for r in (A, B) for what in ("account in", "bootstrap of", "engine version in")}
    assert lines(subject(deployment=None)).keys() == names


FAILURES: list[tuple[dict[str, Any], str, str, str]] = [
    ({f"get_caller_identity in {B}": {"Account": "9"}}, f"account in {B}", "credentials are for account 9", "AWS_PROF"),
    ({f"get_parameters in {B}": {"Parameters": []}}, f"bootstrap of {B}", "not bootstrapped", "make bootstrap"),
    ({"get_parameters": {"Parameters": [{"Value": "5"}]}}, f"bootstrap of {A}", "version 5", "make bootstrap"),
    (
        {f"describe_db_engine_versions in {B}": {"DBEngineVersions": []}},
        f"engine version in {B}",
        f"{B} does not offer Aurora PostgreSQL 16.8",
        "ledger.engine_version",
    ),
    (
        {f"get_function_configuration in {B}": {"CodeSha256": "other"}},
        "code the same",
        "the Regions run different code",
        "make deploy STAGE=prod",
    ),
    (
        {"describe_global_clusters": {"GlobalClusters": [{"Status": "available", "GlobalClusterMembers": []}]}},
        "ledger follows",
        f"{B} is no member",
        "tandem status --stage prod",
    ),
    (
        {
            "get_plan_evaluation_status": {
                "evaluationState": "actionRequired",
                "warnings": [{"warningStatus": "active", "warningMessage": "no permission"}],
            }
        },
        "recovery plan",
        "no permission",
        "get-plan-evaluation-status",
    ),
    (
        {f"get_account_settings in {B}": {"AccountLimit": {"ConcurrentExecutions": 4}}},
        "Lambda quota",
        "4 concurrent executions allowed, the primary used 5",
        "Service Quotas",
    ),
    (
        {f"describe_limits in {B}": {"TableMaxWriteCapacityUnits": 9, "TableMaxReadCapacityUnits": 10}},
        "DynamoDB quota",
        "9 write units a second allowed, the primary used 10",
        "Service Quotas",
    ),
    (
        {f"list_service_quotas in {B}": {"Quotas": [{"QuotaName": "Throttle rate", "Value": 9.0}]}},
        "API Gateway quota",
        "9 requests a second allowed",
        "Service Quotas",
    ),
    (
        {f"describe_db_clusters in {B}": {"DBClusters": [{"ServerlessV2ScalingConfiguration": {"MaxCapacity": 4.0}}]}},
        "Serverless v2 capacity",
        "4 capacity units allowed",
        "ledger.maximum_capacity",
    ),
    (
        {
            f"describe_certificate in {B}": {
                "Certificate": {"Status": "ISSUED", "NotAfter": datetime.now(tz=UTC) + timedelta(days=3, hours=1)}
            }
        },
        f"certificate in {B}",
        "valid for 3 days",
        "validation record",
    ),
]


@pytest.mark.parametrize(("changed", "name", "detail", "remedy"), FAILURES, ids=[each[1] for each in FAILURES])
def test_what_is_wrong_fails_its_line_with_a_remedy_and_no_other(
    changed: dict[str, Any], name: str, detail: str, remedy: str
) -> None:
    asked = lines(subject(changed))
    assert asked[name].outcome is Outcome.FAILED
    assert detail in asked[name].detail
    assert remedy in asked[name].remedy
    both = {f"bootstrap of {A}", f"bootstrap of {B}"} if "get_parameters" in changed else {name}
    assert {each for each, line in asked.items() if line.outcome is not Outcome.PASSED} == both


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        ("get_caller_identity", f"account in {A}"),
        ("get_parameters", f"bootstrap of {B}"),
        ("describe_db_engine_versions", f"engine version in {A}"),
        ("get_function_configuration", "code the same"),
        ("describe_global_clusters", "ledger follows"),
        ("get_plan_evaluation_status", "recovery plan"),
        ("get_account_settings", "Lambda quota"),
        ("describe_limits", "DynamoDB quota"),
        ("list_service_quotas", "API Gateway quota"),
        ("describe_db_clusters", "Serverless v2 capacity"),
        ("get_metric_statistics", "Lambda quota"),
        ("get_hosted_zone", "domain delegated"),
        ("list_certificates", f"certificate in {A}"),
    ],
)
@pytest.mark.parametrize("odd", [False, True])
def test_what_is_denied_or_answered_oddly_is_unknown_and_never_passed(operation: str, name: str, odd: bool) -> None:  # noqa: FBT001
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, operation)
    line = lines(subject({operation: {} if odd else denied}))[name]
    assert line.outcome is Outcome.UNKNOWN
    assert line.remedy


def test_while_a_region_is_away_what_it_does_not_tell_is_said_to_wait_for_it_and_nothing_else() -> None:
    gone = {f"get_caller_identity in {A}": EndpointConnectionError(endpoint_url=f"https://sts.{A}.amazonaws.com")}
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListServiceQuotas")
    slow = ReadTimeoutError(endpoint_url="http://127.0.0.1:4566")
    answered = gone | {"list_service_quotas": denied, f"list_certificates in {B}": slow}
    known = lines(subject(answered, parameters={B: told(B)}))
    for name in (f"account in {A}", "settings the same", f"certificate in {A}"):
        assert (known[name].outcome, known[name].remedy) == (Outcome.UNKNOWN, f"look again when {A} answers")
        assert known[name].detail == f"{A} does not answer"
    assert A not in known[f"certificate in {B}"].detail
    assert known[f"certificate in {B}"].outcome is Outcome.UNKNOWN
    assert known["API Gateway quota"].remedy.startswith(f"ask for more in {B}")
    assert known[f"account in {B}"].outcome is Outcome.PASSED


def test_settings_that_differ_between_the_regions_are_named() -> None:
    other = told(B) | {"journal-table": "another"}
    line = lines(subject(parameters={A: told(A), B: other}))["settings the same"]
    assert (line.outcome, line.detail) == (Outcome.FAILED, "the Regions were told different things: journal-table")


@pytest.mark.parametrize(("answer", "said"), [(set(), "is not delegated"), ({"ns.other"}, "is delegated to ns.other")])
def test_a_zone_that_its_parent_does_not_delegate_fails_with_the_servers_to_enter(answer: set[str], said: str) -> None:
    line = lines(subject(), Ports(name_servers=lambda _: answer, healthy=lambda *_: True))["domain delegated"]
    assert line.outcome is Outcome.FAILED
    assert said in line.detail
    assert "ns-1.awsdns.com, ns-2.awsdns.org" in line.remedy


def test_a_change_that_nobody_can_make_fails_its_line() -> None:
    refusing = Ports(name_servers=lambda _: SERVERS, healthy=lambda *_: False, refused_changes=lambda _: ("topology",))
    asked = lines(subject(), refusing)
    assert asked["what cannot be changed"].detail == "topology"
    assert asked[f"API of {B}"].outcome is Outcome.FAILED


def test_an_api_that_answers_at_the_second_time_is_healthy() -> None:
    answered = iter([False, True])
    ports = Ports(name_servers=lambda _: SERVERS, healthy=lambda *_: next(answered))
    assert lines(subject(), ports)[f"API of {B}"].outcome is Outcome.PASSED


def test_the_settings_account_is_held_against_who_answers() -> None:
    line = lines(subject(settings={"account": "42"}, deployment=None))[f"account in {A}"]
    assert line.detail == f"the credentials are for account {ACCOUNT}, the settings name 42"


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        ([Outcome.PASSED], 0),
        ([Outcome.PASSED, Outcome.UNKNOWN, Outcome.FAILED], 1),
        ([Outcome.UNKNOWN, Outcome.PASSED], 3),
        ([], 3),
    ],
)
def test_the_exit_status_is_that_of_the_worst_line_and_json_says_the_same(
    outcomes: list[Outcome], status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [Line(name=f"line {n}", outcome=each, detail="detail", remedy="") for n, each in enumerate(outcomes)]
    monkeypatch.setattr(command, "subject_of", lambda *_: None)
    monkeypatch.setattr(command, "preflight", lambda _: asked)
    arguments = ["preflight", "--stage", "prod", "--endpoint-url", "http://127.0.0.1:1"]
    assert main([*arguments, "--json"]) == status
    assert json.loads(capsys.readouterr().out)["outcome"] == worst(asked)
    if asked:
        assert main(arguments) == status
        first = capsys.readouterr().out.splitlines()[1]
        assert first.startswith(worst(asked))
