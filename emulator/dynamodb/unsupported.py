"""What DynamoDB refuses of global tables, and of strongly consistent ones above all, while MiniStack does it.

Developer Guide, "How global tables work", multi-Region strong consistency: time to live, local indexes and
transactions are not supported, and the mode of a table is chosen once. API Reference, UpdateTable, ReplicaUpdates: one
replica is created, updated or deleted in a request; a strong table gets all of its members in one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from emulator import ministack

if TYPE_CHECKING:
    from collections.abc import Mapping

_CODE = "ValidationException"
_TRANSACTIONS = frozenset({"TransactWriteItems", "TransactGetItems"})


def install() -> None:
    """Stand in front of the tables."""
    stock = ministack.DYNAMODB_HANDLE.value

    async def handle(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]) -> Any:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        if operation in _TRANSACTIONS or operation in ("UpdateTable", "UpdateTimeToLive"):
            message = refused(operation, body)
            if message:
                return ministack.RESPONSES_JSON_ERROR.value(_CODE, message, 400)
        return await stock(method, path, headers, body, query)

    ministack.DYNAMODB_HANDLE.replace(handle)


def refused(operation: str, body: bytes) -> str:
    """What DynamoDB says of a request that it refuses, empty for one that it takes."""
    try:
        request = json.loads(body or b"{}")
        if operation in _TRANSACTIONS:
            actions = [each for item in request.get("TransactItems") or [] for each in item.values()]
            strong = [each for each in actions if _is_strong(str(each.get("TableName")))]
            return "Transactions are not supported on tables with multi-Region strong consistency" if strong else ""
        if operation == "UpdateTimeToLive":
            strong_table = _is_strong(str(request.get("TableName")))
            return "TTL is not supported on tables with multi-Region strong consistency" if strong_table else ""
        return _of_update(request)
    except (ValueError, AttributeError, TypeError):
        return ""  # MiniStack says what is wrong with it


def _of_update(request: Mapping[str, Any]) -> str:
    table = _table(str(request.get("TableName")))
    mode, updates = request.get("MultiRegionConsistency"), request.get("ReplicaUpdates") or []
    if table is None:
        return ""
    present = table.get("MultiRegionConsistency") or ("EVENTUAL" if ministack.DYNAMODB_REPLICAS.value(table) else None)
    if mode and present and mode != present:
        return "MultiRegionConsistency of a table that has replicas cannot be changed"
    if mode == "STRONG" and table.get("LocalSecondaryIndexes"):
        return "Local secondary indexes are not supported on tables with multi-Region strong consistency"
    if "STRONG" not in (mode, present) and len(updates) > 1:
        return "ReplicaUpdates may hold one Create, Update or Delete of a replica"
    return ""


def _is_strong(named: str) -> bool:
    return (_table(named) or {}).get("MultiRegionConsistency") == "STRONG"


def _table(named: str) -> Any:
    return ministack.DYNAMODB_TABLES.value.get(named.rpartition("/")[2])
