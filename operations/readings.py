"""What a Region tells of itself, one question each; every one may fail by itself."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contract import parameters
from contract.operational import heartbeat_key
from operations.endpoint import ApiClient
from operations.ledger_query import query

if TYPE_CHECKING:
    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

OK = 200
FRESH_SECONDS = 120
"""The age from which on a heartbeat, due every minute, is missing."""
BACKUP_DAYS = 3
"""How far back the last backup is looked for: backups are hourly, and the listing of all would take many pages."""


def heartbeats(endpoint: Endpoint, deployment: Deployment, region: str) -> dict[str, float]:
    """Return the age in seconds of each Region's last heartbeat, as `region` has received it; empty when it is silent.

    An origin that has never sent one is left out.
    """
    table = deployment.operational_table(region)
    ages = {}
    for origin in deployment.regions.both:
        try:
            answer = endpoint.dynamodb(region).get_item(TableName=table, Key=heartbeat_key(origin))
        except (BotoCoreError, ClientError):
            return {}
        at = answer.get("Item", {}).get("at", {}).get("N")
        if at is not None:
            ages[origin] = max(0.0, time.time() - float(at))
    return ages


def iterator_age_seconds(endpoint: Endpoint, deployment: Deployment, region: str) -> float | None:
    """Return the projector's iterator age over the last five minutes, None where it has read nothing in that time.

    Raises BotoCoreError or ClientError when the Region does not tell it.
    """
    client = endpoint.cloudwatch(region)
    now = datetime.now(tz=UTC)
    answer = client.get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="IteratorAge",
        Dimensions=[{"Name": "FunctionName", "Value": deployment.names.function("projector")}],
        StartTime=now - timedelta(minutes=5),
        EndTime=now,
        Period=60,
        Statistics=["Maximum"],
    )
    points = sorted(answer.get("Datapoints", []), key=lambda point: point["Timestamp"])
    return points[-1]["Maximum"] / 1000 if points else None


def healthy(endpoint: Endpoint, deployment: Deployment, region: str) -> bool:
    """Say whether the Region's API answers its health check."""
    url = deployment.find(region, parameters.API_URL)
    if url is None:
        return False
    try:
        with ApiClient(endpoint, {region: url}, timeout_seconds=2) as client:
            return client.request(region, "GET", deployment.health_path(region))[0] == OK
    except OSError:
        return False


def last_backup_seconds(endpoint: Endpoint, region: str, vault: str, *, copied: bool) -> float | None:
    """Return the age of the newest complete recovery point of a vault, None where there is none of the last days.

    It is a copy, or it is not: a vault may hold both, and a copy names the vault that it comes from (AWS Backup API,
    RecoveryPointByBackupVault, SourceBackupVaultArn). Raises BotoCoreError or ClientError when it is not told.
    """
    now = datetime.now(tz=UTC)
    pages = (
        endpoint.backup(region)
        .get_paginator("list_recovery_points_by_backup_vault")
        .paginate(BackupVaultName=vault, ByCreatedAfter=now - timedelta(days=BACKUP_DAYS))
    )
    points = [
        point["CreationDate"]
        for page in pages
        for point in page.get("RecoveryPoints", [])
        if point.get("Status") in {"COMPLETED", "AVAILABLE"} and bool(point.get("SourceBackupVaultArn")) == copied
    ]
    return max(0.0, (now - max(points)).total_seconds()) if points else None


def code_version(endpoint: Endpoint, deployment: Deployment, region: str) -> str:
    """Return the digest of the code that takes transactions in a Region; raises BotoCoreError or ClientError."""
    function = deployment.names.function("transactions")
    return endpoint.functions(region).get_function_configuration(FunctionName=function)["CodeSha256"]


def plan_evaluation(endpoint: Endpoint, plan_arn: str, region: str) -> tuple[str, tuple[str, ...]]:
    """Return what ARC makes of the recovery plan, and its active warnings; raises BotoCoreError or ClientError.

    ARC evaluates a plan every 30 minutes and answers with `passed`, `actionRequired`, `pendingEvaluation` or `unknown`
    (ARC Region switch API Reference, GetPlanEvaluationStatus).
    """
    answer: dict[str, Any] = dict(endpoint.region_switch(region).get_plan_evaluation_status(planArn=plan_arn))
    active = [each for each in answer.get("warnings", []) if each.get("warningStatus") == "active"]
    return str(answer["evaluationState"]), tuple(str(each.get("warningMessage", "")) for each in active)


def ledger_marks(endpoint: Endpoint, deployment: Deployment, region: str) -> tuple[dict[str, float], int]:
    """Return the age in seconds of the ledger's mark by origin, and how many conflicts it has recorded.

    Raises OperationError when the ledger does not answer.
    """
    statement = "SELECT origin, extract(epoch FROM now() - mark)::text FROM ledger.sweep_marks ORDER BY origin"
    marks = query(endpoint, deployment, region, statement)
    conflicts = query(endpoint, deployment, region, "SELECT count(*)::text FROM ledger.conflicts")
    return {str(origin): float(seconds) for origin, seconds in marks}, int(conflicts[0][0])


def running_instances(endpoint: Endpoint, deployment: Deployment, region: str) -> int:
    """Return how many instances of a Region's ledger RDS calls available; raises BotoCoreError or ClientError."""
    cluster = deployment.cluster_arn(region)
    answer = endpoint.rds(region).describe_db_instances(Filters=[{"Name": "db-cluster-id", "Values": [cluster]}])
    return sum(each.get("DBInstanceStatus") == "available" for each in answer["DBInstances"])
