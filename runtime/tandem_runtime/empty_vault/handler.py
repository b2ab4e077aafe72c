"""Empties a backup vault before CloudFormation deletes it: a custom resource of stages that can be destroyed.

It is deployed by itself, as one file, so it imports nothing of this package.
"""

from __future__ import annotations

import json
import time
import urllib.request
from typing import Any

import boto3

__all__ = ["empty", "handler"]

PAUSE_SECONDS = 5


def empty(backup: Any, vault: str) -> int:
    """Delete every recovery point of `vault`; answers how many are still there, for deleting takes a while."""
    left = 0
    pages = backup.get_paginator("list_recovery_points_by_backup_vault").paginate(BackupVaultName=vault)
    for page in pages:
        for point in page["RecoveryPoints"]:
            left += 1
            if point.get("Status") != "DELETING":
                backup.delete_recovery_point(BackupVaultName=vault, RecoveryPointArn=point["RecoveryPointArn"])
    return left


def handler(event: dict[str, Any], context: Any) -> None:
    """Answer CloudFormation; only Delete does anything."""
    status, reason = "SUCCESS", "done"
    vault = event["ResourceProperties"]["Vault"]
    try:
        if event["RequestType"] == "Delete":
            backup = boto3.client("backup")
            while empty(backup, vault):
                if context.get_remaining_time_in_millis() < 6 * PAUSE_SECONDS * 1000:
                    raise TimeoutError(f"vault {vault} still holds recovery points: delete the stack again")
                time.sleep(PAUSE_SECONDS)
    except Exception as error:  # noqa: BLE001 - CloudFormation would wait an hour for an answer
        status, reason = "FAILED", str(error)
    answer = {
        "Status": status,
        "Reason": reason[:1000],
        "PhysicalResourceId": f"empty-{vault}",
        **{key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")},
    }
    request = urllib.request.Request(  # noqa: S310 - the URL is CloudFormation's own
        event["ResponseURL"], data=json.dumps(answer).encode(), headers={"Content-Type": ""}, method="PUT"
    )
    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310 - the same
