"""What happened on a played stage, newest last: the events that a drill's history has, in words."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drills.play.words import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from drills.history.events import Event

KEPT = 200
"""Events that are kept: a page that is open for a day shows the last ones."""


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
    """Events that any thread may add to."""

    def __init__(
        self,
        tell: Callable[[str], None] = lambda _: None,
        *,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take who is told each event in words as it comes, the time of day, and the clock that events carry."""
        self._tell, self._clock = tell, clock
        self._began = now() - clock()
        self._lock = threading.Lock()
        self._events: deque[tuple[int, Event]] = deque(maxlen=KEPT)
        self._number = 0

    @property
    def now(self) -> float:
        """The moment that an event of now carries."""
        return self._clock()

    def add(self, event: Event) -> None:
        """Add an event."""
        _, text = words(event)
        with self._lock:
            self._number += 1
            self._events.append((self._number, event))
        self._tell(text)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The last events in words, newest last."""
        with self._lock:
            events = tuple(self._events)
        told = ((number, event, words(event)) for number, event in events)
        return tuple(
            Entry(number=number, at=self._began + event.at, kind=kind, text=text)
            for number, event, (kind, text) in told
        )
