"""What a strongly consistent global table answers while its replicas cannot reach a majority of each other.

Such a table has three members: replicas, and at most one witness, which keeps writes and answers nobody. A write is
acknowledged, and a strongly consistent read answered, by a majority of them; an isolated replica goes on answering
eventually consistent reads (DynamoDB Developer Guide, "How global tables work", multi-Region strong consistency).

AWS documents no error of its own for the refusal: `ReplicatedWriteConflictException` is for items that two Regions
write at once. `InternalServerError`, HTTP 500, is the documented error that an SDK retries and the one that an isolated
replica has been seen to answer with under Fault Injection Service's `aws:dynamodb:global-table-pause-replication`.
PartiQL is not looked at; transactions are not there at all on such a table.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from emulator import ministack
from emulator.ministack import get_region

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from emulator.faults.replication import Replication

_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"})
_READS = frozenset({"GetItem", "Query", "Scan", "BatchGetItem"})


def has_majority(region: str, members: Sequence[str], connected: Callable[[str, str], bool]) -> bool:
    """Whether `region` reaches more than half of a table's members, replicas and witness, itself included."""
    return 2 * sum(connected(region, each) for each in members) > len(members)


def needs_majority(operation: str, request: Mapping[str, Any]) -> Iterator[str]:
    """Name the tables, or their ARNs, that the request writes to or reads from with strong consistency."""
    batch = request.get("RequestItems")
    if operation in _WRITES:
        yield from batch if isinstance(batch, dict) else [str(request.get("TableName"))]
    elif operation in _READS and isinstance(batch, dict):
        yield from (name for name, keys in batch.items() if isinstance(keys, dict) and keys.get("ConsistentRead"))
    elif operation in _READS and request.get("ConsistentRead"):
        yield str(request.get("TableName"))


def install(replication: Replication) -> None:
    """Stand in front of the tables' data plane."""
    stock = ministack.DYNAMODB_HANDLE.value

    async def handle(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]) -> Any:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        replication.catch_up()
        if (replication.paused or not replication.open) and operation in _WRITES | _READS:
            refused = _refused(replication, operation, body)
            if refused:
                message = f"the replica of {refused} in {get_region()} cannot reach a majority of the table's Regions"
                return ministack.RESPONSES_JSON_ERROR.value("InternalServerError", message, 500)
        return await stock(method, path, headers, body, query)

    ministack.DYNAMODB_HANDLE.replace(handle)


def _refused(replication: Replication, operation: str, body: bytes) -> str | None:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return None  # MiniStack says what is wrong with it
    for named in needs_majority(operation, request if isinstance(request, dict) else {}):
        name = named.rpartition("/")[2]
        table = ministack.DYNAMODB_TABLES.value.get(name) or {}
        if table.get("MultiRegionConsistency") != "STRONG":
            continue
        witnesses = [str(each.get("RegionName")) for each in table.get("GlobalTableWitnesses") or []]
        members = [*ministack.DYNAMODB_REPLICAS.value(table), *witnesses]
        if not has_majority(get_region(), members, partial(replication.connected, table=name)):
            return name
    return None
