"""Copies of tables for AWS Backup: what a recovery point of DynamoDB holds, and the table that is restored from it."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from emulator import ministack

if TYPE_CHECKING:
    from collections.abc import Mapping

_OK = 200
_COPIES: dict[str, dict[str, Any]] = {}
"""What MiniStack's DynamoDB keeps of a backup, by the ARN of the recovery point."""


class TableRestoreError(Exception):
    """Why DynamoDB restores no table."""


def take(point_arn: str, table_arn: str) -> None:
    """Copy the table of the present account and Region as it is now; nothing happens where there is none."""
    name = table_arn.partition(":table/")[2]
    with ministack.DYNAMODB_LOCK.value:
        status, _, body = ministack.DYNAMODB_BACK_UP.value({"TableName": name, "BackupName": uuid.uuid4().hex})
        if status != _OK:
            return
        arn = json.loads(body)["BackupDetails"]["BackupArn"]
        # the backup is AWS Backup's, and DynamoDB lists it to nobody
        _COPIES[point_arn] = ministack.DYNAMODB_BACKUPS.value.pop(arn)


def copy(point_arn: str, copied_arn: str) -> None:
    """Know the copy of one point as that of another, too."""
    if point_arn in _COPIES:
        _COPIES[copied_arn] = _COPIES[point_arn]


def forget(point_arn: str) -> None:
    """Drop a point's copy."""
    _COPIES.pop(point_arn, None)


def restore(point_arn: str, parameters: Mapping[str, Any]) -> str:
    """Make the table in the present account and Region and return its ARN; raises TableRestoreError where it cannot be.

    It has the keys, indexes and items of the copy. Streams, expiry, point-in-time recovery, tags and alarms are not
    restored (AWS Backup Developer Guide, restoring an Amazon DynamoDB table).
    """
    if point_arn not in _COPIES:
        raise TableRestoreError(f"{point_arn} holds no table")
    backups = ministack.DYNAMODB_BACKUPS.value
    asked = {"TargetTableName": parameters["TargetTableName"], "BackupArn": point_arn}
    with ministack.DYNAMODB_LOCK.value:
        backups[point_arn] = _COPIES[point_arn]
        try:
            status, _, body = ministack.DYNAMODB_RESTORE.value(asked)
        finally:
            del backups[point_arn]
    told = json.loads(body)
    if status != _OK:
        raise TableRestoreError(str(told.get("message") or told.get("Message")))
    return str(told["TableDescription"]["TableArn"])
