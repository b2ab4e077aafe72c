"""Sending again until there is an answer, which is safe because of the Idempotency-Key."""

from __future__ import annotations

import http.client
import random
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from examples.clients.exchange import Reply

ATTEMPTS = 12
FIRST_SECONDS = 0.2
LONGEST_SECONDS = 20.0
"""With these, retries go on for two minutes: longer than DNS needs to move, which is about one."""

SERVER_ERROR = 500
RETRIABLE = frozenset({408, 429})


class NoAnswerError(Exception):
    """No attempt was answered for good: whether the transaction is recorded is unknown, so send it again later."""


def until_answered(
    send: Callable[[], Reply], *, attempts: int = ATTEMPTS, sleep: Callable[[float], None] = time.sleep
) -> Reply:
    """Return the first reply that another attempt would not change; raises NoAnswerError after `attempts`.

    Pauses double up to a limit and are random in their upper half, so that clients do not come back all at once.
    """
    reason = "nothing was sent"
    for attempt in range(attempts):
        if attempt:
            sleep(min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** (attempt - 1)) * random.uniform(0.5, 1))  # noqa: S311 - no secret
        try:
            reply = send()
        except (OSError, http.client.HTTPException) as error:
            reason = f"{type(error).__name__}: {error}"
            continue
        if reply.status < SERVER_ERROR and reply.status not in RETRIABLE:
            return reply
        reason = f"status {reply.status}"
    raise NoAnswerError(f"no answer after {attempts} attempts, the last: {reason}: send it again with the same key")
