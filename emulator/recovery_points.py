"""Recovery points of backup vaults: MiniStack starts backup jobs, and its vaults hold nothing.

A point of an Aurora cluster is a snapshot of its database, which a copy job makes known in another Region. One of a
table is a copy of its items.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from emulator import ministack, table_copies
from emulator.ministack import get_account_id, get_region, request_scope

if TYPE_CHECKING:
    from emulator.aurora.snapshots import Snapshots

_PATH = re.compile(r"/?backup-vaults/(?P<vault>[^/]+)/recovery-points(/(?P<point>.+?))?/?")
_COPY_JOB = re.compile(r"/?copy-jobs/(?P<job>[^/]+)/?")
_HEADERS = {"Content-Type": "application/json"}
"""Copied for each answer, because MiniStack adds the answer's length and its request's id to them."""
_POINTS: dict[tuple[str, str, str], dict[str, dict[str, Any]]] = {}
_COPY_JOBS: dict[tuple[str, str, str], dict[str, Any]] = {}
_CLUSTER, _TABLE = ":cluster:", ":table/"


def install(snapshots: Snapshots) -> None:
    """Keep a point for each backup and copy job, tell and delete a vault's points; the rest is MiniStack's."""
    stock = ministack.BACKUP_HANDLE.value

    async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        if path.strip("/") == "backup-jobs" and method == "PUT":
            answer = await stock(method, path, headers, body, query)
            return await asyncio.to_thread(_keep, snapshots, json.loads(body), answer)
        if path.strip("/") == "copy-jobs" and method == "PUT":
            return _copy(snapshots, json.loads(body))
        job = _copy_job(path) if method == "GET" else None
        if job is not None:
            return _answer({"CopyJob": job})
        match = _PATH.fullmatch(path)
        answer = _of_vault(snapshots, method, unquote(match["vault"]), unquote(match["point"] or "")) if match else None
        return answer or await stock(method, path, headers, body, query)

    ministack.BACKUP_HANDLE.replace(handle_request)


def points_of(vault: str) -> list[dict[str, Any]]:
    """Tell the points of a vault of the present account and Region."""
    return list(_points(vault).values())


def point_of(arn: str) -> dict[str, Any] | None:
    """Tell the point of this ARN, in whichever vault of the present account and Region it lies."""
    here = (get_account_id(), get_region())
    return next(
        (points[arn] for (*place, _), points in _POINTS.items() if tuple(place) == here and arn in points), None
    )


def _answer(told: dict[str, Any]) -> Any:
    return 200, dict(_HEADERS), json.dumps(told).encode()


def _copy_job(path: str) -> dict[str, Any] | None:
    match = _COPY_JOB.fullmatch(path)
    return _COPY_JOBS.get((get_account_id(), get_region(), match["job"])) if match else None


def _of_vault(snapshots: Snapshots, method: str, vault: str, arn: str) -> Any:
    """List a vault's points, tell one or delete it; None for what MiniStack answers."""
    points = _points(vault)
    if method == "DELETE" and arn:
        points.pop(arn, None)
        snapshots.forget(arn)
        table_copies.forget(arn)
        return 204, dict(_HEADERS), b""
    if method == "GET" and not arn:
        return _answer({"RecoveryPoints": list(points.values())})
    return _answer(points[arn]) if method == "GET" and arn in points else None


def _points(vault: str) -> dict[str, dict[str, Any]]:
    return _POINTS.setdefault((get_account_id(), get_region(), vault), {})


def _point(arn: str, *, vault: str, resource: str) -> dict[str, Any]:
    point = {
        "RecoveryPointArn": arn,
        "BackupVaultName": vault,
        "ResourceArn": resource,
        "ResourceType": "Aurora" if _CLUSTER in resource else "DynamoDB",
        "CreationDate": int(time.time()),
        "Status": "COMPLETED",
    }
    _points(vault)[arn] = point
    return point


def _keep(snapshots: Snapshots, asked: dict[str, Any], answer: Any) -> Any:
    """Keep the point of a job that was started; one of a cluster is known by its snapshot's ARN."""
    status, headers, body = answer
    told = json.loads(body)
    resource = asked.get("ResourceArn", "")
    if status != 200 or "RecoveryPointArn" not in told:  # noqa: PLR2004 - it was not started
        return answer
    arn = snapshots.take(resource) if _CLUSTER in resource else None
    if arn is not None:
        told["RecoveryPointArn"] = arn
        ministack.BACKUP_JOBS.value[told["BackupJobId"]]["RecoveryPointArn"] = arn
    if _TABLE in resource:
        table_copies.take(told["RecoveryPointArn"], resource)
    _point(told["RecoveryPointArn"], vault=asked["BackupVaultName"], resource=resource)
    return status, headers, json.dumps(told).encode()


def _copy(snapshots: Snapshots, asked: dict[str, Any]) -> Any:
    """Copy a point into a vault of another Region; it is there at once, and the job is complete."""
    account, here = get_account_id(), get_region()
    point = _points(asked["SourceBackupVaultName"]).get(asked["RecoveryPointArn"])
    if point is None:
        message = f"recovery point {asked['RecoveryPointArn']} is not in {asked['SourceBackupVaultName']}"
        return (
            400,
            {**_HEADERS, "x-amzn-errortype": "ResourceNotFoundException"},
            json.dumps({"Message": message}).encode(),
        )
    target = asked["DestinationBackupVaultArn"]
    _, _, _, region, _, _, vault = target.split(":")
    with request_scope(account, region):
        arn = snapshots.copy(point["RecoveryPointArn"]) or f"{point['RecoveryPointArn']}-{uuid.uuid4()}"
        table_copies.copy(point["RecoveryPointArn"], arn)
        copied = _point(arn, vault=vault, resource=point["ResourceArn"])
    source = _arn_of_vault(target, region=here, vault=asked["SourceBackupVaultName"])
    copied.update({"SourceBackupVaultArn": source, "CreationDate": point["CreationDate"]})
    job = {
        "CopyJobId": str(uuid.uuid4()),
        "SourceBackupVaultArn": source,
        "SourceRecoveryPointArn": point["RecoveryPointArn"],
        "DestinationBackupVaultArn": target,
        "DestinationRecoveryPointArn": arn,
        "ResourceArn": point["ResourceArn"],
        "CreationDate": int(time.time()),
        "State": "COMPLETED",
    }
    _COPY_JOBS[account, here, job["CopyJobId"]] = job
    return _answer({"CopyJobId": job["CopyJobId"], "CreationDate": job["CreationDate"], "IsParent": False})


def _arn_of_vault(like: str, *, region: str, vault: str) -> str:
    parts = like.split(":")
    return ":".join([*parts[:3], region, *parts[4:6], vault])
