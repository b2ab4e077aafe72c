"""Waiting: the one loop with a deadline, which every room may use because the contract imports nobody."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")


def wait_until(
    ask: Callable[[], Answer],
    *,
    seconds: float,
    pause: float,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Answer:
    """Ask until the answer is true, or `seconds` are over; return the last answer, which says which of both it was.

    It asks once at least, and sleeps `pause` seconds between two questions. What `ask` raises ends the waiting.
    """
    deadline = now() + seconds
    while not (answer := ask()) and now() < deadline:
        sleep(pause)
    return answer
