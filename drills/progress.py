"""What a long command tells while it runs."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from rich.markup import escape
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console
    from rich.status import Status

REFRESH_SECONDS = 1.0
SPINNER_COLUMNS = 2


class Progress:
    """Lines that stay, each with the time since the beginning, and below them one that is replaced.

    The one that is replaced says what is waited for, and needs a terminal. Where there is none, a log is read
    afterwards: it gets a line when something begins and one when it has ended, and nothing meanwhile. Any thread may
    tell.
    """

    def __init__(self, console: Console, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Take where to print, and the clock that lines carry."""
        self._console, self._clock = console, clock
        self._began = clock()
        self._lock = threading.Lock()
        self._status: Status | None = None

    def say(self, line: str) -> None:
        """Print a line that stays."""
        self._console.print(self._timed(line), soft_wrap=True, highlight=False)

    def end(self, line: str) -> None:
        """Print that something has ended, where no terminal showed how it went."""
        if not self._console.is_interactive:
            self.say(line)

    def show(self, line: str) -> None:
        """Replace the line that says how it stands, in a terminal."""
        if not self._console.is_interactive:
            return
        text = Text.from_markup(self._timed(line))
        # a line that wraps is not replaced but left behind; the spinner takes two columns
        text.truncate(self._console.width - SPINNER_COLUMNS, overflow="ellipsis")
        with self._lock:
            if self._status is None:
                self._status = self._console.status("")
                self._status.start()
            self._status.update(text)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Say that something begins, and that it has ended, however it did."""
        self.say(name)
        began = self._clock()
        try:
            yield
        finally:
            self.end(ended(name, self._clock() - began))

    @contextmanager
    def watching(self, read: Callable[[], str]) -> Iterator[None]:
        """Show what `read` says, every second, on a thread of its own, where there is a terminal."""
        if not self._console.is_interactive:
            yield
            return
        over = threading.Event()

        def run() -> None:
            while not over.wait(REFRESH_SECONDS):
                self.show(read())

        thread = threading.Thread(target=run, name="progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            self.close()

    def close(self) -> None:
        """Take the line that is replaced away."""
        with self._lock:
            status, self._status = self._status, None
        if status is not None:
            status.stop()

    def __enter__(self) -> Self:
        """Use it as a context manager that leaves no half line behind."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _timed(self, line: str) -> str:
        return f"[dim]{self._clock() - self._began:6.1f} s[/]  {escape(line)}"


def ended(name: str, seconds: float) -> str:
    """Return the line that says how long something took that has ended."""
    return f"{name}: ended after {seconds:.1f} s"
