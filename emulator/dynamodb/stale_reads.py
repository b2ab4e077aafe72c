"""Reads without ConsistentRead, and every read of a global index, are late by a lag.

DynamoDB answers them from a copy that may not have the latest writes (Developer Guide, "Read consistency"; a global
index is updated asynchronously, "Using global secondary indexes"). How late is not documented: "usually within one
second". Here every such read sees the tables as they were a fixed time ago, so that whoever relies on more is seen at
once. What was written meanwhile is taken out of the table while the read is answered. PartiQL is not looked at.
"""

from __future__ import annotations

import functools
import json
import time
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator import ministack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_READS = frozenset({"GetItem", "Query", "Scan", "BatchGetItem"})


@dataclass(frozen=True)
class _Write:
    """A write that late reads do not see yet; `before` is what the item was, None where there was none."""

    at: float
    key: tuple[Any, Any]
    before: Any


def read_late(operation: str, request: Mapping[str, Any]) -> Iterator[str]:
    """Name the tables, or their ARNs, that the request reads without strong consistency."""
    batch = request.get("RequestItems")
    if operation == "BatchGetItem":
        for name, keys in (batch if isinstance(batch, dict) else {}).items():
            if not (isinstance(keys, dict) and keys.get("ConsistentRead")):
                yield name
    elif operation in _READS and not request.get("ConsistentRead"):
        yield str(request.get("TableName"))


class StaleReads:
    """What was written within the lag, by the ARN of the Region's own table."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._recent: dict[str, deque[_Write]] = {}
        self.answered_late = 0
        """How many reads asked tables that had been written to within the lag."""

    @property
    def pending(self) -> int:
        """How many writes there are that a late read does not see."""
        return sum(len(self._unseen(arn)) for arn in list(self._recent))

    def install(self) -> None:
        """Note every write, and stand in front of the reads, nearer to the tables than whoever else writes to them."""
        if not self._seconds:
            return
        for name in (ministack.DYNAMODB_SET_ITEM, ministack.DYNAMODB_REMOVE_ITEM):
            name.replace(self._noting(name.value))
        stock = ministack.DYNAMODB_HANDLE.value

        async def handle(
            method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
        ) -> Any:
            operation = headers.get("x-amz-target", "").rpartition(".")[2]
            if operation not in _READS:
                return await stock(method, path, headers, body, query)
            names = [name.rpartition("/")[2] for name in read_late(operation, _read(body))]
            # MiniStack answers a read without giving way, and what arrives from other Regions waits for the lock
            with ministack.DYNAMODB_LOCK.value, self._as_before(names):
                return await stock(method, path, headers, body, query)

        ministack.DYNAMODB_HANDLE.replace(handle)

    def _noting(self, stock: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(stock)
        def write(table: Any, partition: Any, sort: Any, *item: Any) -> Any:
            before = stock(table, partition, sort, *item)
            arn = str(table.get("TableArn"))
            self._recent.setdefault(arn, deque())
            self._unseen(arn).append(_Write(self._clock(), (partition, sort), before))
            return before

        return write

    def _unseen(self, arn: str) -> deque[_Write]:
        """The table's writes that late reads do not see, without those that they see by now."""
        writes = self._recent.get(arn, deque())
        while writes and writes[0].at <= self._clock() - self._seconds:
            writes.popleft()
        return writes

    @contextmanager
    def _as_before(self, names: list[str]) -> Iterator[None]:
        """Have the tables without what was written within the lag."""
        changed = []
        for table in filter(None, map(ministack.DYNAMODB_TABLES.value.get, names)):
            first: dict[tuple[Any, Any], Any] = {}
            for write in self._unseen(str(table.get("TableArn"))):
                first.setdefault(write.key, write.before)
            for key, before in first.items():
                changed.append((table, key, table["items"].get(key[0], {}).get(key[1])))
                _put(table, key, before)
        self.answered_late += bool(changed)
        try:
            yield
        finally:
            for table, key, present in changed:
                _put(table, key, present)


def _put(table: Any, key: tuple[Any, Any], item: Any) -> None:
    """Put an item where it was, or take it away; this is no write that anybody has to learn of."""
    stock = (ministack.DYNAMODB_REMOVE_ITEM if item is None else ministack.DYNAMODB_SET_ITEM).value
    arguments = () if item is None else (item,)
    getattr(stock, "__wrapped__", stock)(table, *key, *arguments)


def _read(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return {}  # MiniStack says what is wrong with it
    return request if isinstance(request, dict) else {}
