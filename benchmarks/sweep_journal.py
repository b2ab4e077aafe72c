"""A journal of millions of items that stands in for DynamoDB, and counts what sweeps read of it.

An item is made from its number when it is read, so that no memory grows with their number. The items are recorded at an
even rate. What DynamoDB's own reads take is not in any figure: they are counted instead.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from benchmarks.ledger_database import name_of
from contract.journal import BUCKETS_PER_MINUTE, bucket_of, key_of
from tandem_runtime.shared.journal import Entry, Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ORIGIN = "us-east-1"
START = datetime(2026, 1, 1, tzinfo=UTC)
PAGE = 2_500
"""Items of a page: 1 MB of items of 400 bytes (DynamoDB Developer Guide, Scan)."""


class CountingJournal:
    """`count` items, `per_second` of them a second since START.

    Their ids and payloads are those of the ledger's `rows` filled transactions, again and again: a sweep compares each
    of them with a row, and no ledger has to hold the items of a whole margin.
    """

    def __init__(self, count: int, per_second: float, rows: int) -> None:
        self.entries = 0
        self.queries = 0
        self._count = count
        self._rows = rows
        self._step = timedelta(seconds=1 / per_second)

    def entries_in(self, bucket: str, since: str, before: str) -> Iterator[Entry]:
        """The items of one bucket."""
        self.queries += 1
        origin, minute, number = bucket.split("#")
        begins = datetime.fromisoformat(f"{minute}:00+00:00")
        first = max(0, -((START - begins) // self._step))
        last = min(self._count, -((START - begins - timedelta(minutes=1)) // self._step))
        for item in range(first + (int(number) - first) % BUCKETS_PER_MINUTE, last, BUCKETS_PER_MINUTE):
            at = self._time(item)
            if at >= before:
                return
            if at >= since and bucket_of(origin, at[:16], int(number)) == bucket:
                self.entries += 1
                yield self._entry(item, at)

    def scan(self, segment: int, segments: int, after: str | None) -> Page:
        """A page of every `segments`-th item; a key is found by its number, which is kept between pages."""
        position = int(after.partition("@")[2]) + segments if after else segment
        items = range(position, self._count, segments)[:PAGE]
        self.entries += len(items)
        entries = [self._entry(item, self._time(item)) for item in items]
        more = bool(items) and items[-1] + segments < self._count
        return Page(entries, f"{entries[-1].key}@{items[-1]}" if more else None)

    def fetch(self, keys: Iterable[str]) -> Iterator[Mapping[str, Any]]:
        """Nothing is missing, so nothing is fetched."""
        raise RuntimeError(f"{next(iter(keys), None)} was fetched, although the ledger holds everything")

    def _time(self, item: int) -> str:
        return (START + item * self._step).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def _entry(self, item: int, at: str) -> Entry:
        number = item % self._rows + 1
        return Entry(at, key_of(name_of(number)), sha256(str(number).encode()).hexdigest())
