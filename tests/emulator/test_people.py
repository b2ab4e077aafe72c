"""What the command asks of AWS is allowed by the role that it is for, request by request, with no AWS started.

Each request is made by botocore as `tandem` makes it, named by MiniStack as it names it before it looks at policies,
and held against the policies of the deployed templates.
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import botocore.session
import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from ministack.core import iam_actions, router

from emulator import ministack
from emulator.iam import authorized_resources

SNAPSHOTS = Path(__file__).resolve().parents[1] / "snapshot" / "__snapshots__" / "test_templates"
STACK = SNAPSHOTS / "test_templates_change_only_on_purpose[staging][staging-GlobalStack].json"
A, B, ACCOUNT = "us-east-1", "us-west-2", "000000000000"
GLOBAL, CLUSTER = "tandem-ledger-staging", f"tandem-ledger-staging-{A}"
CLUSTER_ARN = f"arn:aws:rds:{A}:{ACCOUNT}:cluster:{CLUSTER}"
MOVE = {"GlobalClusterIdentifier": GLOBAL, "TargetDbClusterIdentifier": CLUSTER_ARN}
INDEX = {"TableName": "tandem-journal-staging", "IndexName": "by-origin-minute", "KeyConditionExpression": "a=:a"}
METRIC = {"Namespace": "Tandem", "MetricName": "x", "StartTime": 0, "EndTime": 1, "Period": 60}
LOOKS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    (A, "ssm", "get_parameters_by_path", {"Path": "/tandem/staging/"}),
    (B, "ssm", "get_parameters", {"Names": ["/cdk-bootstrap/hnb659fds/version"]}),
    (B, "dynamodb", "get_item", {"TableName": "tandem-operational-staging", "Key": {"pk": {"S": "x"}}}),
    (B, "dynamodb", "get_item", {"TableName": "tandem-takeover-staging", "Key": {"pk": {"S": "x"}}}),
    (A, "dynamodb", "query", INDEX),
    (A, "dynamodb", "describe_table", {"TableName": "tandem-journal-staging"}),
    (B, "dynamodb", "describe_limits", {}),
    (A, "cloudwatch", "describe_alarms", {"StateValue": "ALARM"}),
    (A, "cloudwatch", "get_metric_statistics", METRIC),
    (A, "lambda", "get_function_configuration", {"FunctionName": "tandem-transactions-staging"}),
    (B, "lambda", "invoke", {"FunctionName": "tandem-compare-staging"}),
    (A, "backup", "list_recovery_points_by_backup_vault", {"BackupVaultName": "tandem-backup-staging"}),
    (B, "backup", "list_restore_jobs", {}),
    (A, "rds", "describe_global_clusters", {"GlobalClusterIdentifier": GLOBAL}),
    (A, "rds", "describe_db_clusters", {"DBClusterIdentifier": CLUSTER}),
    (A, "rds", "describe_db_instances", {"Filters": [{"Name": "db-cluster-id", "Values": [CLUSTER_ARN]}]}),
    (A, "rds", "describe_db_engine_versions", {"Engine": "aurora-postgresql"}),
    (A, "acm", "list_certificates", {}),
    (A, "s3", "list_buckets", {}),
)
ACTS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    (A, "rds-data", "execute_statement", {"resourceArn": CLUSTER_ARN, "secretArn": "x" * 11, "sql": "x"}),
    (A, "lambda", "invoke", {"FunctionName": "tandem-sweeper-staging"}),
    (B, "lambda", "invoke", {"FunctionName": "tandem-takeover-staging"}),
    (B, "rds", "failover_global_cluster", {**MOVE, "AllowDataLoss": True}),
    (B, "rds", "switchover_global_cluster", MOVE),
)
NOBODY: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    (A, "lambda", "invoke", {"FunctionName": "tandem-takeover-staging"}),
    (A, "lambda", "invoke", {"FunctionName": "tandem-takeover-prod"}),
    (A, "dynamodb", "put_item", {"TableName": "tandem-journal-staging", "Item": {"pk": {"S": "x"}}}),
    (A, "rds", "delete_db_cluster", {"DBClusterIdentifier": CLUSTER}),
    (A, "ssm", "get_parameters_by_path", {"Path": "/tandem/prod/"}),
)


class SentError(Exception):
    """Ends a call before anything is sent."""


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def text(value: Any) -> str:
    """A resource as it is deployed; what only CloudFormation knows is a word that matches nothing here."""
    return value if isinstance(value, str) else "known at deployment only"


def allowed(role: str, action: str, resource: str) -> bool:
    policies = json.loads(STACK.read_text(encoding="utf-8"))["Resources"]
    [policy] = [
        each["Properties"]["PolicyDocument"]["Statement"]
        for name, each in policies.items()
        if name.startswith(f"People{role}") and each["Type"] == "AWS::IAM::Policy"
    ]
    return any(
        action in as_list(statement["Action"])
        and any(fnmatchcase(resource, text(each)) for each in as_list(statement["Resource"]))
        for statement in policy
    )


def named(region: str, service: str, operation: str, arguments: dict[str, Any]) -> tuple[str, str]:
    """The action and the resource of a request, as the embedded AWS names them."""
    client = botocore.session.Session().create_client(
        service,
        region_name=region,
        endpoint_url="http://127.0.0.1:1",
        aws_access_key_id="a",
        aws_secret_access_key="b",  # noqa: S106 - nothing is sent
    )
    sent: list[Any] = []

    def keep(request: Any, **_: Any) -> None:
        sent.append(request)
        raise SentError

    client.meta.events.register("before-send", keep)
    with pytest.raises(SentError):
        getattr(client, operation)(**arguments)
    [request] = sent
    url, body = urlsplit(request.url), request.body or b""
    body = body if isinstance(body, bytes) else str(body).encode()
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()
    }
    query = parse_qs(url.query, keep_blank_values=True)
    if "x-www-form" in headers.get("content-type", ""):
        query |= parse_qs(body.decode())
    detected = router.detect_service(request.method, url.path, headers, query)
    about = (detected, request.method, url.path, headers, body, query)
    action = iam_actions.extract_iam_action(*about)
    return str(action), str(ministack.IAM_RESOURCE_OF.value(*about, region, ACCOUNT))


@pytest.fixture(autouse=True, scope="module")
def _named_resources() -> None:
    authorized_resources.install()


@pytest.mark.parametrize("call", LOOKS, ids=lambda call: f"{call[1]}-{call[2]}")
def test_whoever_looks_may_ask_this(call: tuple[str, str, str, dict[str, Any]]) -> None:
    action, resource = named(*call)
    assert allowed("Reader", action, resource), (action, resource)
    assert allowed("Operator", action, resource), (action, resource)


@pytest.mark.parametrize("call", ACTS, ids=lambda call: f"{call[1]}-{call[2]}")
def test_operators_alone_may_do_this(call: tuple[str, str, str, dict[str, Any]]) -> None:
    action, resource = named(*call)
    assert allowed("Operator", action, resource), (action, resource)
    assert not allowed("Reader", action, resource), (action, resource)


@pytest.mark.parametrize("call", NOBODY, ids=lambda call: f"{call[1]}-{call[2]}")
def test_neither_role_may_do_this(call: tuple[str, str, str, dict[str, Any]]) -> None:
    action, resource = named(*call)
    assert not allowed("Operator", action, resource), (action, resource)
    assert not allowed("Reader", action, resource), (action, resource)
