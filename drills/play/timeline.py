"""What happened on a played stage, newest last."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT = 200
"""Entries that are kept: a page that is open for a day shows the last ones."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Something that happened: its number, when (seconds since 1970), who did it, and what.

    `kind` is `you` for what was asked for, `step` for a part of it, `system` for what followed by itself, and `failed`.
    """

    number: int
    at: float
    kind: str
    text: str


class Timeline:
    """Entries that any thread may add to."""

    def __init__(self, tell: Callable[[str], None] = lambda _: None, *, clock: Callable[[], float] = time.time) -> None:
        """Take who is told each entry's text as it comes, and the clock that entries carry."""
        self._tell, self._clock = tell, clock
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._number = 0

    def add(self, kind: str, text: str) -> None:
        """Add an entry."""
        with self._lock:
            self._number += 1
            self._entries.append(Entry(number=self._number, at=self._clock(), kind=kind, text=text))
        self._tell(text)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The last entries, newest last."""
        with self._lock:
            return tuple(self._entries)
