"""AWS Backup's API of restore jobs, and the control that begins a plan's tests at once instead of once a week."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from emulator import ministack, recovery_points, restore_jobs, restore_tests
from emulator.ministack import request_scope
from emulator.restore_jobs import Asked, RestoreError
from emulator.restore_metadata import AURORA

if TYPE_CHECKING:
    from collections.abc import Mapping

_PATH = re.compile(r"/?restore-jobs(/(?P<job>[^/]+)(?P<validations>/validations)?)?/?")
_HEADERS = {"Content-Type": "application/json"}
_ENGINE = "aurora-postgresql"
_NAME = "awsbackup-restore-test-"


def install() -> None:
    """Answer the calls that start, list, tell and validate restore jobs; the rest is MiniStack's."""
    stock = ministack.BACKUP_HANDLE.value

    async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        match = _PATH.fullmatch(path)
        if match is None:
            return await stock(method, path, headers, body, query)
        try:
            # a job's role is asked for at IAM's API, which the event loop has to answer
            return await asyncio.to_thread(_answer, method, match, json.loads(body or b"{}"), query)
        except RestoreError as error:
            told = {"Code": error.code, "Message": str(error)}
            return 400, {**_HEADERS, "x-amzn-errortype": error.code}, json.dumps(told).encode()

    ministack.BACKUP_HANDLE.replace(handle_request)


def begin_tests(region: str, plan: str) -> None:
    """Begin a job for each selection of a Region's plan, from the newest point of its vaults.

    AWS Backup does so at the time that the plan names (Developer Guide, restore testing). Raises LookupError where
    there is no such plan, its vaults hold no point, or the selection's metadata are refused.
    """
    selections = restore_tests.selections(region, plan)
    if not selections:
        raise LookupError(f"{region} has no restore testing plan {plan} with a selection")
    for account, selection, planned in selections:
        with request_scope(account, region):
            try:
                restore_jobs.start(_of_selection(selection, planned))
            except RestoreError as error:
                raise LookupError(str(error)) from error


def _of_selection(selection: Mapping[str, Any], plan: Mapping[str, Any]) -> Asked:
    kind = selection["ProtectedResourceType"]
    vaults = [each.rpartition(":")[2] for each in plan["RecoveryPointSelection"]["IncludeVaults"]]
    points = [point for vault in vaults for point in recovery_points.points_of(vault) if point["ResourceType"] == kind]
    if not points:
        message = f"{', '.join(vaults)} holds no point of {kind}"
        raise RestoreError(message, code="ResourceNotFoundException")
    # of two points of the same second the one that came last is the newest, because times are whole seconds here
    newest = max(reversed(points), key=lambda point: point["CreationDate"])
    return Asked(
        point_arn=newest["RecoveryPointArn"],
        metadata={**_inferred(kind), **selection.get("RestoreMetadataOverrides", {})},
        role_arn=selection["IamRoleArn"],
        plan_arn=plan["RestoreTestingPlanArn"],
    )


def _inferred(kind: str) -> dict[str, str]:
    """What AWS Backup tells a test's job by itself (Developer Guide, restore testing inferred metadata)."""
    name = f"{_NAME}{uuid.uuid4().hex[:12]}"
    if kind == AURORA:
        return {"dbClusterIdentifier": name, "engine": _ENGINE}
    return {"targetTableName": name, "encryptionType": "Default", "deletionProtection": "false"}


def _answer(method: str, match: re.Match[str], asked: Mapping[str, Any], query: Mapping[str, Any]) -> Any:
    job_id = unquote(match["job"] or "")
    if method == "PUT" and match["validations"]:
        restore_jobs.validate(job_id, asked)
        return 204, dict(_HEADERS), b""
    if method == "PUT":
        job = restore_jobs.start(
            Asked(
                point_arn=asked["RecoveryPointArn"],
                metadata=asked["Metadata"],
                role_arn=asked.get("IamRoleArn", ""),
                resource_type=asked.get("ResourceType"),
            )
        )
        return _told({"RestoreJobId": job["RestoreJobId"]})
    if job_id:
        return _told(restore_jobs.job_of(job_id))
    return _told({"RestoreJobs": restore_jobs.jobs({name: _first(value) for name, value in query.items()})})


def _first(value: Any) -> str:
    return str(value[0] if isinstance(value, list) else value)


def _told(answer: Any) -> Any:
    return 200, dict(_HEADERS), json.dumps(answer).encode()
