"""How long to pause before a call is tried again: at random up to a limit that doubles, as AWS recommends.

Callers that were refused together would otherwise come back together (AWS Builders' Library, Timeouts, retries and
backoff with jitter).
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def pauses(*, tries: int, first: float, most: float) -> Iterator[float]:
    """The pauses in seconds between `tries` tries: one less than those, each below `first` doubled, or `most`."""
    for number in range(tries - 1):
        yield random.uniform(0, min(most, first * 2**number))  # noqa: S311 - spreads callers out, keeps no secret
