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
REPEAT_SECONDS = 5.0
SPINNER_COLUMNS = 2


class Progress:
    """Lines that stay, each with the time since the beginning, and below them one that is replaced.

    Where the output is no terminal, the one that is replaced is printed every five seconds instead.
    """

    def __init__(self, console: Console, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Take where to print, and the clock that lines carry."""
        self._console, self._clock = console, clock
        self._began = self._shown = clock()
        self._status: Status | None = None

    def say(self, line: str) -> None:
        """Print a line that stays."""
        self._console.print(self._timed(line), soft_wrap=True, highlight=False)

    def show(self, line: str) -> None:
        """Replace the line that says how it stands."""
        now = self._clock()
        if self._console.is_terminal:
            if self._status is None:
                self._status = self._console.status("")
                self._status.start()
            text = Text.from_markup(self._timed(line))
            # a line that wraps is not replaced but left behind; the spinner takes two columns
            text.truncate(self._console.width - SPINNER_COLUMNS, overflow="ellipsis")
            self._status.update(text)
        elif now - self._shown >= REPEAT_SECONDS:
            self._shown = now
            self.say(line)

    @contextmanager
    def watching(self, read: Callable[[], str]) -> Iterator[None]:
        """Show what `read` says, every second, on a thread of its own."""
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
        if self._status is not None:
            self._status.stop()
            self._status = None

    def __enter__(self) -> Self:
        """Use it as a context manager that leaves no half line behind."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _timed(self, line: str) -> str:
        return f"[dim]{self._clock() - self._began:6.1f} s[/]  {escape(line)}"
