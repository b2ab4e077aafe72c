"""The history that a drill writes, and how it is read again."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self, TypeVar

from drills.history.lines import event_of, line_of
from operations.errors import WrongInputError

if TYPE_CHECKING:
    from pathlib import Path

    from drills.history.events import Event

    Kind = TypeVar("Kind", bound=Event)

FILE = "history.jsonl"
"""What the history is called in a drill's folder."""


class History:
    """Events in the order in which they were noted. Any thread may add one; none is ever changed or taken away.

    With a path each event is handed to the operating system as soon as it happens, so a drill that is killed leaves a
    history that can be read.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Begin an empty history, written to `path` where one is given."""
        self._lock = threading.Lock()
        self._events: list[Event] = []
        self._closed = False
        self._file = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", buffering=1, encoding="utf-8")

    def append(self, event: Event) -> None:
        """Add an event. One that comes after the end, of a thread that nobody waits for, is not part of it."""
        line = line_of(event) + "\n" if self._file else ""
        with self._lock:
            if self._closed:
                return
            self._events.append(event)
            if self._file:
                self._file.write(line)

    @property
    def events(self) -> tuple[Event, ...]:
        """Return what happened so far."""
        with self._lock:
            return tuple(self._events)

    def of(self, kind: type[Kind]) -> list[Kind]:
        """Return the events of one kind, oldest first."""
        return [event for event in self.events if isinstance(event, kind)]

    def close(self) -> None:
        """End the history."""
        with self._lock:
            self._closed = True
            if self._file:
                self._file.close()

    def __enter__(self) -> Self:
        """Use it as a context manager that ends it."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the history."""
        self.close()


def read_history(path: Path) -> tuple[Event, ...]:
    """Return the events of a file, without the last line where a drill that was killed has torn it.

    Raises WrongInputError when there is no such file, or a line is no event.
    """
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise WrongInputError(
            f"{path} cannot be read ({error.strerror}): give the folder of a drill's report"
        ) from error
    events = []
    for number, line in enumerate(lines, 1):
        try:
            events.append(event_of(line))
        except ValueError as error:
            if number < len(lines):
                raise WrongInputError(
                    f"line {number} of {path} is not JSON: {line[:60]!r}, restore the file"
                ) from error
    if not events:
        raise WrongInputError(f"{path} is empty: the drill ended before anything happened, run it again")
    return tuple(events)
