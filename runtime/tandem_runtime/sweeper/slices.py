"""Cut what the time index holds of an origin into slices, each of which ends where everything below was read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from heapq import merge
from typing import TYPE_CHECKING, NamedTuple, Protocol

from contract.journal import BUCKETS_PER_MINUTE, bucket_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tandem_runtime.shared.journal import Entry

MOST_ITEMS = 5_000
MOST_SECONDS = 2.0
_NO_LIMIT = "~"
"""Sorts after every time."""

_MINUTE = timedelta(minutes=1)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:[0-5]\d:[0-5]\d\.\d{6}Z", re.ASCII)


class Index(Protocol):
    """The journal's time index."""

    def entries_in(self, bucket: str, since: str, before: str) -> Iterator[Entry]:
        """What one partition holds from `since` to just before `before`, in order of time."""
        ...


class Slice(NamedTuple):
    """What was read, and the time below which everything was: an item that was recorded at `end` is read again.

    `newest` is when the last of them was recorded.
    """

    entries: list[Entry]
    end: datetime
    newest: datetime | None


class Size:
    """How much a slice may hold: about so many items, or what so many seconds read."""

    def __init__(self, items: int, seconds: float, clock: Callable[[], float]) -> None:
        self._items, self._seconds, self._clock = items, seconds, clock
        self._began = clock()

    def reached(self, entries: list[Entry]) -> bool:
        """Whether a slice with `entries` is to end."""
        return len(entries) >= self._items or self._clock() - self._began >= self._seconds

    def begin(self) -> None:
        """Begin the next slice."""
        self._began = self._clock()


def slices(index: Index, origin: str, start: datetime, end: datetime, size: Size) -> Iterator[Slice]:
    """Read what `origin` recorded from `start` to just before `end`, in slices that follow each other.

    The buckets of a minute are read side by side in order of time, so that everything below an item has been read when
    it comes. A slice ends before an item of another time than the last one; so a time that fills a slice is read to its
    end. Minutes that hold nothing are read as well, and advance the end.
    """
    entries: list[Entry] = []
    newest: str | None = None
    size.begin()
    minute = start.astimezone(UTC).replace(second=0, microsecond=0)
    while minute < end:
        following = minute + _MINUTE
        limit = text_of(following)
        # an item that somebody wrote into a minute which is not its own is read with that minute, whatever its time
        before = _NO_LIMIT if following <= end else text_of(end)
        for entry in _of_minute(index, origin, minute, text_of(max(start, minute)), before):
            timed = entry.recorded_at < limit and _TIME.fullmatch(entry.recorded_at) is not None
            if entries and timed and entry.recorded_at > entries[-1].recorded_at and size.reached(entries):
                yield Slice(entries, datetime.fromisoformat(entry.recorded_at), _time_of(newest))
                entries, newest = [], None
                size.begin()
            entries.append(entry)
            newest = entry.recorded_at if timed else newest
        if following < end and size.reached(entries):
            yield Slice(entries, following, _time_of(newest))
            entries, newest = [], None
            size.begin()
        minute = following
    yield Slice(entries, end, _time_of(newest))


def _of_minute(index: Index, origin: str, minute: datetime, since: str, before: str) -> Iterator[Entry]:
    name = minute.strftime("%Y-%m-%dT%H:%M")
    buckets = (bucket_of(origin, name, number) for number in range(BUCKETS_PER_MINUTE))
    return merge(*(index.entries_in(bucket, since, before) for bucket in buckets))


def text_of(moment: datetime) -> str:
    """A time as journal items tell it, so that both compare as texts."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _time_of(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
