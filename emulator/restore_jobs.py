"""Restore jobs of AWS Backup: a cluster or a table made from a recovery point, by the role that the job is given.

What the job asks of RDS is signed by that role, so its policies are held to it. A job of a restore test names its plan;
once its result is reported, AWS Backup deletes what was restored: the cluster, and no instance that somebody made for
it (AWS Backup Developer Guide, restoring an Amazon Aurora cluster; restore testing).
"""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contract.waiting import wait_until
from emulator import ministack, recovery_points, table_copies
from emulator.backup_role import BackupRole, RoleError
from emulator.ministack import get_account_id, get_region, request_scope
from emulator.restore_metadata import AURORA, MetadataError, parameters_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_CLEAN_SECONDS = 900.0
"""How long a cluster is waited for, and what a test restored is tried to be deleted: its instance goes before it."""
_PAUSE_SECONDS = 0.5
_FAILURES = (BotoCoreError, ClientError, table_copies.TableRestoreError)
_logger = logging.getLogger(__name__)

Job = dict[str, Any]
_JOBS: dict[tuple[str, str], dict[str, Job]] = {}


class RestoreError(Exception):
    """Why a job is refused: the code of AWS Backup's error, and what is wrong."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to be restored: a point by its ARN, with what metadata, by which role, and for which plan of tests."""

    point_arn: str
    metadata: Mapping[str, str]
    role_arn: str
    plan_arn: str | None = None
    resource_type: str | None = None


def start(asked: Asked) -> Job:
    """Begin a job in the present account and Region; raises RestoreError for what AWS Backup refuses."""
    point = recovery_points.point_of(asked.point_arn)
    if point is None:
        raise RestoreError(f"recovery point {asked.point_arn} is in no vault", code="ResourceNotFoundException")
    kind = str(point["ResourceType"])
    if asked.resource_type not in {None, kind}:
        message = f"{asked.point_arn} is a point of {kind}, not of {asked.resource_type}"
        raise RestoreError(message, code="InvalidRequestException")
    try:
        parameters = parameters_of(kind, asked.metadata)
        role = BackupRole.trusted(asked.role_arn)
    except MetadataError as error:
        raise RestoreError(str(error), code=error.code) from error
    except RoleError as error:
        raise RestoreError(str(error), code="InvalidParameterValueException") from error
    account, region = get_account_id(), get_region()
    job: Job = {
        "RestoreJobId": str(uuid.uuid4()).upper(),
        "AccountId": account,
        "RecoveryPointArn": asked.point_arn,
        "RecoveryPointCreationDate": point["CreationDate"],
        "SourceResourceArn": point["ResourceArn"],
        "ResourceType": kind,
        "IamRoleArn": asked.role_arn,
        "CreationDate": int(time.time()),
        "Status": "RUNNING",
        "PercentDone": "0.00%",
    }
    if asked.plan_arn:
        job["CreatedBy"] = {"RestoreTestingPlanArn": asked.plan_arn}
    _JOBS.setdefault((account, region), {})[job["RestoreJobId"]] = job
    _in_background(account, region, _run, job, parameters, role)
    return job


def jobs(query: Mapping[str, str]) -> list[Job]:
    """Tell the Region's jobs, the newest first, that ListRestoreJobs is asked for."""
    return [job for job in reversed(_here().values()) if all(_matches(job, query))]


def job_of(job_id: str) -> Job:
    """Tell one; raises RestoreError where there is none."""
    job = _here().get(job_id)
    if job is None:
        raise RestoreError(f"restore job {job_id} is not known", code="ResourceNotFoundException")
    return job


def validate(job_id: str, asked: Mapping[str, Any]) -> None:
    """Keep what came out of a test, and delete what it restored; raises RestoreError for a job that is not complete."""
    job = job_of(job_id)
    if job["Status"] != "COMPLETED":
        raise RestoreError(f"restore job {job_id} is {job['Status']}", code="InvalidRequestException")
    job["ValidationStatus"] = asked["ValidationStatus"]
    job["ValidationStatusMessage"] = asked.get("ValidationStatusMessage", "")
    if "CreatedBy" in job and "DeletionStatus" not in job:
        job["DeletionStatus"] = "DELETING"
        _in_background(get_account_id(), get_region(), _clean, job)


def _here() -> dict[str, Job]:
    return _JOBS.get((get_account_id(), get_region()), {})


def _matches(job: Job, query: Mapping[str, str]) -> Iterator[bool]:
    plan = job.get("CreatedBy", {}).get("RestoreTestingPlanArn")
    for name, value in (
        ("resourceType", job["ResourceType"]),
        ("status", job["Status"]),
        ("restoreTestingPlanArn", plan),
    ):
        yield query.get(name) in {None, value}


def _in_background(account: str, region: str, work: Any, *arguments: Any) -> None:
    def run() -> None:
        with request_scope(account, region):
            work(*arguments)

    threading.Thread(target=run, daemon=True, name="restore").start()


def _run(job: Job, parameters: Mapping[str, Any], role: BackupRole) -> None:
    try:
        created = _make(job, parameters, role)
    except _FAILURES as error:
        _logger.warning("restore job %s failed: %s", job["RestoreJobId"], error)
        job.update({"Status": "FAILED", "StatusMessage": str(error)})
    else:
        job.update({"Status": "COMPLETED", "PercentDone": "100.00%", "CreatedResourceArn": created})
    job["CompletionDate"] = int(time.time())
    _tell(job)


def _make(job: Job, parameters: Mapping[str, Any], role: BackupRole) -> str:
    if job["ResourceType"] != AURORA:
        return table_copies.restore(job["RecoveryPointArn"], parameters)
    rds = role.client("rds")
    made = rds.restore_db_cluster_from_snapshot(SnapshotIdentifier=job["RecoveryPointArn"], **parameters)["DBCluster"]
    name = made["DBClusterIdentifier"]
    wait_until(lambda: _cluster(rds, name)["Status"] == "available", seconds=_CLEAN_SECONDS, pause=_PAUSE_SECONDS)
    return str(made["DBClusterArn"])


def _cluster(rds: Any, name: str) -> Mapping[str, Any]:
    [cluster] = rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"]
    return dict(cluster)


def _clean(job: Job) -> None:
    """Delete what a test restored, once no instance of somebody else's is in the way."""
    try:
        role = BackupRole.trusted(job["IamRoleArn"])
        if job["ResourceType"] != AURORA:
            role.client("dynamodb").delete_table(TableName=job["CreatedResourceArn"].partition(":table/")[2])
        else:
            rds, name = role.client("rds"), job["CreatedResourceArn"].rpartition(":")[2]
            wait_until(
                lambda: not _cluster(rds, name)["DBClusterMembers"], seconds=_CLEAN_SECONDS, pause=_PAUSE_SECONDS
            )
            rds.delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)
    except (*_FAILURES, RoleError) as error:
        job.update({"DeletionStatus": "FAILED", "DeletionStatusMessage": str(error)})
    else:
        job["DeletionStatus"] = "SUCCESSFUL"


def _tell(job: Job) -> None:
    """Tell EventBridge of a job's end (AWS Backup Developer Guide, monitoring events using EventBridge)."""
    detail = {
        "restoreJobId": job["RestoreJobId"],
        "status": job["Status"],
        "resourceType": job["ResourceType"],
        "iamRoleArn": job["IamRoleArn"],
        "percentDone": 100.0 if job["Status"] == "COMPLETED" else 0.0,
        "createdResourceArn": job.get("CreatedResourceArn", ""),
    }
    entry = {
        "Source": "aws.backup",
        "DetailType": "Restore Job State Change",
        "Resources": [job["RecoveryPointArn"]],
        "Detail": json.dumps(detail),
    }
    ministack.EVENTBRIDGE_PUT.value({"Entries": [entry]}, allow_aws_source=True)
