"""What travels between Regions: late, not at all while a Region is lost or cut off, and all of it afterwards.

MiniStack replicates DynamoDB items and S3 objects at once, and even out of a Region that is gone. Here a queue stands
between the Regions. A strongly consistent table replicates before the write is answered; what a lost or isolated
replica missed reaches it before anything else is read or written there (`emulator/dynamodb/strong_tables.py` has the
rest), whether or not the Region that wrote it is there: a majority of the table's Regions, witness included, had it.
"""

from __future__ import annotations

import contextvars
import copy
import heapq
import itertools
import json
import threading
import time
from typing import TYPE_CHECKING, Any

from emulator import ministack
from emulator.ministack import get_region

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Replication:
    """The queue between the Regions."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.lost: set[str] = set()
        self.isolated: str | None = None
        """The Region that a partition cuts off from every other one, witnesses included; None without a partition."""
        self.closed: Callable[[], set[str]] = set
        """The Regions whose replicas nothing reaches or leaves because their key may not be used."""
        self._queue: list[tuple[float, int, str, Callable[[], None]]] = []
        self._delivering = 0
        self._number = itertools.count()
        self._changed = threading.Condition()
        self._written: dict[str, tuple[float, str]] = {}
        self._missed: dict[tuple[str, frozenset[str]], list[Callable[[], None]]] = {}
        self._paused: dict[int, tuple[str, frozenset[str]]] = {}
        self._held: dict[str, list[tuple[float, int, str, Callable[[], None]]]] = {}
        self._catching_up = threading.RLock()

    @property
    def pending(self) -> int:
        """How much has not arrived, what is arriving now included."""
        with self._changed:
            waiting = sum(map(len, self._missed.values())) + sum(map(len, self._held.values()))
            return len(self._queue) + self._delivering + waiting

    @property
    def open(self) -> bool:
        """Whether anything travels at all."""
        return not self._unreachable()

    def connected(self, region: str, other: str, *, table: str = "") -> bool:
        """Whether `region` reaches the Region `other`: for what a table holds, where one is named."""
        return region == other or not {region, other} & {*self._unreachable(), *self.paused_in(table)}

    @property
    def paused(self) -> bool:
        """Whether the replication of any table is paused."""
        return bool(self._paused)

    def paused_in(self, table: str) -> set[str]:
        """The Regions whose replica of a table neither sends nor receives."""
        return {region for region, tables in list(self._paused.values()) if table in tables}

    def pause(self, region: str, tables: Iterable[str]) -> Callable[[], None]:
        """Have a Region's replicas of these tables neither send nor receive; return what ends that."""
        number = next(self._number)
        self._paused[number] = (region, frozenset(tables))

        def resume() -> None:
            self._paused.pop(number, None)
            with self._changed:
                for table in [table for table in self._held if not self.paused_in(table)]:
                    for entry in self._held.pop(table):
                        heapq.heappush(self._queue, entry)
            self.changed()

        return resume

    def catch_up(self) -> None:
        """Bring every replica of a strongly consistent table what it missed, in order, once it can be reached."""
        with self._catching_up:
            for table, regions in [each for each in self._missed if self._reachable(*each)]:
                for deliver in self._missed[table, regions]:
                    deliver()
                del self._missed[table, regions]

    def _reachable(self, table: str, regions: Iterable[str]) -> bool:
        return not self._unreachable().intersection(regions) and not self.paused_in(table)

    def _unreachable(self) -> set[str]:
        return {*self.lost, *self.closed(), *([self.isolated] if self.isolated else [])}

    def install(self) -> None:
        """Stand between MiniStack's writes and its replication."""
        threading.Thread(target=self._run, daemon=True, name="replication").start()
        self._install_tables()
        self._install_buckets()

    def changed(self) -> None:
        """Look again: a Region was lost or is back."""
        self.catch_up()
        with self._changed:
            self._changed.notify()

    def _put(self, deliver: Callable[[], None], *, table: str = "") -> None:
        context = contextvars.copy_context()
        with self._changed:
            due = time.monotonic() + self.delay
            heapq.heappush(self._queue, (due, next(self._number), table, lambda: context.run(deliver)))
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._queue or not self.open:
                    self._changed.wait(0.1)
                    continue
                wait = self._queue[0][0] - time.monotonic()
                if wait > 0:
                    self._changed.wait(min(wait, 0.1))
                    continue
                entry = heapq.heappop(self._queue)
                table, deliver = entry[2:]
                if self.paused_in(table):
                    self._held.setdefault(table, []).append(entry)
                    continue
                self._delivering = 1
            try:
                deliver()
            finally:
                with self._changed:
                    self._delivering = 0

    def _install_tables(self) -> None:
        stock = ministack.DYNAMODB_REPLICATE.value

        def replicate(table: Any, event: str, old: Any, new: Any) -> None:
            if not ministack.DYNAMODB_REPLICAS.value(table):
                return
            source, at = get_region(), time.monotonic()
            if table.get("MultiRegionConsistency") == "STRONG":
                self._replicate_strongly(stock, table, event, old, new)
                return
            item = new if new is not None else old
            names = [table.get("pk_name"), table.get("sk_name")]
            key = table["TableName"] + json.dumps([item.get(name) for name in names])
            self._written[key] = (at, source)
            images = copy.deepcopy((old, new))

            def deliver() -> None:
                last, where = self._written.get(key, (at, source))
                if last > at and where != source:
                    return  # a later write of another Region won
                with ministack.DYNAMODB_LOCK.value:
                    stock(table, event, *images)

            self._put(deliver, table=table["TableName"])

        ministack.DYNAMODB_REPLICATE.replace(replicate)

    def _replicate_strongly(self, stock: Callable[..., None], table: Any, event: str, old: Any, new: Any) -> None:
        targets = frozenset(ministack.DYNAMODB_REPLICAS.value(table)) - {get_region()}
        with self._catching_up:
            self.catch_up()
            name = table["TableName"]
            if self._reachable(name, targets):
                stock(table, event, old, new)
                return
            context, images = contextvars.copy_context(), copy.deepcopy((old, new))
            self._missed.setdefault((name, targets), []).append(lambda: context.run(stock, table, event, *images))

    def _install_buckets(self) -> None:
        stock = ministack.S3_REPLICATE.value

        def replicate(bucket: str, key: str, entry: Any, data: Any, tags: Any = None) -> None:
            if ministack.S3_REPLICATION_RULE.value(bucket, key, tags)[0] is None:
                return
            entry["replication_status"] = "PENDING"
            self._put(lambda: stock(bucket, key, entry, data, tags))

        ministack.S3_REPLICATE.replace(replicate)
