"""Insert into the ledger whatever the journal holds and the ledger does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from operations.clock import CLOCK, Clock
from operations.global_database import writer_region
from operations.sweeping import THE_WHOLE, read

if TYPE_CHECKING:
    from collections.abc import Callable

    from operations.deployment import Deployment
    from operations.endpoint import Endpoint


def reconcile(
    endpoint: Endpoint,
    deployment: Deployment,
    *,
    since: str | None,
    say: Callable[[str], None] = lambda _: None,
    clock: Clock = CLOCK,
) -> dict[str, Any]:
    """Sweep the whole journal, or what was recorded from `since` on, into the ledger of the Region that writes.

    A read of the whole goes on where one was interrupted, by this command or by the sweeper. Raises OperationError when
    the sweeper fails, or the Region that should write does not.
    """
    writer = writer_region(endpoint, deployment)
    progress = _Progress(say, clock)
    done = read(endpoint, deployment, writer, since=since or THE_WHOLE, clock=clock, told=progress.tell)
    return {**done.answer, "region": writer, "read": done.read, "inserted": done.inserted}


class _Progress:
    """One line for each answer of a sweeper that has more to read, with how fast it reads."""

    def __init__(self, say: Callable[[str], None], clock: Clock) -> None:
        self._say, self._clock = say, clock
        self._began, self._read = clock.now(), 0
        self._first = True

    def tell(self, answer: dict[str, Any]) -> None:
        """Say how far it is."""
        here = int(answer.get("read", 0))
        self._read += here
        known = answer.get("progress") or {}
        so_far = int(known.get("read", self._read))
        if self._first and so_far > here:
            self._say(f"resumed a read of {known.get('started_at')} that had read {so_far - here} items")
        self._first = False
        if not answer.get("done"):
            seconds = max(self._clock.now() - self._began, 0.001)
            part = f"{known['segments_read']} of {known['segments']} segments, " if "segments" in known else ""
            self._say(f"{part}{so_far} items read, {self._read / seconds:.0f}/s")
