"""When an invocation must be over, less what its own answer takes."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tandem_runtime.shared.ledger_errors import LedgerUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

_ANSWER_SECONDS = 1.0
"""Kept for the answer: what Lambda ends by its own timeout answers nothing that was written for the case."""


class Deadline:
    """The time that is left for the ledger. One that was never started, or has no Lambda behind it, limits nothing."""

    def __init__(self) -> None:
        self._at: float | None = None

    def start(self, context: Any) -> None:
        """Begin an invocation; `context` is Lambda's (Developer Guide, context object), or None where there is none."""
        remaining = getattr(context, "get_remaining_time_in_millis", None)
        self._at = time.monotonic() + remaining() / 1000 - _ANSWER_SECONDS if remaining else None

    @contextmanager
    def at_most(self, seconds: float) -> Iterator[None]:
        """Leave `seconds` and no more, or what was left where that is less, for what is done in here."""
        before, limit = self._at, time.monotonic() + seconds
        self._at = limit if before is None else min(before, limit)
        try:
            yield
        finally:
            self._at = before

    def within(self, most: float) -> float:
        """How many seconds something may take that may take `most`; raises LedgerUnavailableError when none is left."""
        if self._at is None:
            return most
        left = self._at - time.monotonic()
        if left <= 0:
            raise LedgerUnavailableError(
                "ledger: no time is left in this invocation, and the database has not answered"
            )
        return min(most, left)
