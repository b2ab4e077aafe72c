"""What a sweep works with."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from contract.limits import SWEEP_OVERLAP_SECONDS
from tandem_runtime.sweeper.slices import MOST_ITEMS, MOST_SECONDS, Index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from tandem_runtime.shared.journal import Page
    from tandem_runtime.shared.ledger_connection import Rows
    from tandem_runtime.shared.quarantine import Kept
    from tandem_runtime.sweeper.evidence import Seen

OVERLAP = timedelta(seconds=SWEEP_OVERLAP_SECONDS)


class Items(Protocol):
    """The journal's items, by key."""

    def fetch(self, keys: Iterable[str]) -> Iterator[Mapping[str, Any]]:
        """Raw items; those that are not there are left out."""
        ...


class Journal(Items, Index, Protocol):
    """The journal that a sweep reads."""

    def scan(self, segment: int, segments: int, after: str | None) -> Page:
        """The next page of one of the table's segments."""
        ...


class Quarantine(Protocol):
    """Where items lie that no retry made projectable."""

    def everything(self) -> Iterator[Kept]:
        """What is kept, held or released."""
        ...

    def release(self, kept: Kept, now: datetime) -> None:
        """Note that it was accounted for."""
        ...

    def hold(self, kept: Kept) -> None:
        """Take a release back."""
        ...

    def forget(self, kept: Kept) -> None:
        """Remove it."""
        ...


@dataclass(kw_only=True)
class Sweep:
    """One run of the sweeper, whichever origins it sweeps: what it works with, and what it has counted so far.

    `region` is the one that sweeps. `seen` says of each origin what is known of its heart here. `more` says whether
    another slice may begin; a slice holds about `slice_items`, or what `slice_seconds` read.
    """

    region: str
    journal: Journal
    ledger: Rows
    quarantine: Callable[[Mapping[str, Any], str], None]
    seen: Mapping[str, Seen]
    now: datetime
    more: Callable[[], bool] = lambda: True
    overlap: timedelta = OVERLAP
    slice_items: int = MOST_ITEMS
    slice_seconds: float = MOST_SECONDS
    clock: Callable[[], float] = time.monotonic
    read: int = 0
    inserted: int = 0
    quarantined: int = 0

    def set_aside(self, item: Mapping[str, Any], reason: str) -> None:
        """Quarantine an item, and count it."""
        self.quarantine(item, reason)
        self.quarantined += 1
