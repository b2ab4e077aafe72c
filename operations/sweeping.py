"""Ask a Region's sweeper for a read, and ask again until nothing is left of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contract.waiting import wait_until
from operations.clock import CLOCK, Clock
from operations.errors import OperationError
from operations.invocations import FailedError, swept
from operations.invocations import sweep as run_sweeper

if TYPE_CHECKING:
    from collections.abc import Callable

    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

FROM_THE_MARK = "mark"
THE_WHOLE = "beginning"
PAUSE_SECONDS = 1.0
BUSY_SECONDS = 300.0
"""How long a sweeper may say that another sweep is at work: one run of it takes a minute at most."""

AWAY_SECONDS = 30.0
"""How long a sweeper may find its ledger away: Aurora ends every connection when the writer moves."""

LEDGER_AWAY = "LedgerUnavailableError"
"""What a sweeper raises then (`tandem_runtime.shared.ledger_errors`); what it has read until then stays read."""


@dataclass(frozen=True, kw_only=True)
class Read:
    """What a read came to: what it inserted in all, and the last answer of the sweeper."""

    read: int
    inserted: int
    answer: dict[str, Any] = field(default_factory=dict)


def read(
    endpoint: Endpoint,
    deployment: Deployment,
    region: str,
    *,
    since: str = FROM_THE_MARK,
    clock: Clock = CLOCK,
    told: Callable[[dict[str, Any]], None] = lambda _: None,
) -> Read:
    """Have the sweeper of `region` read the journal from `since` on, and wait until it is through.

    `since` is FROM_THE_MARK, THE_WHOLE or RFC 3339. A run of the sweeper is short, and one works at a time: while
    another one does, nothing is started beside it, and this asks again. `told` hears each answer. Raises OperationError
    when the sweeper fails, its ledger takes no writes, or it is busy for longer than a run may take.
    """
    request, items, inserted = None, 0, 0
    while True:
        answer = _when_free(endpoint, deployment, region, {"since": since, "request": request}, clock)
        why = swept(answer)
        if why is not None:
            raise OperationError(why)
        request = answer.get("request") or request
        items, inserted = items + int(answer.get("read", 0)), inserted + int(answer["inserted"])
        told(answer)
        if answer.get("done"):
            return Read(read=items, inserted=inserted, answer=answer)
        clock.sleep(PAUSE_SECONDS)


def release_when_free(
    endpoint: Endpoint, deployment: Deployment, region: str, keys: list[str] | str, *, clock: Clock = CLOCK
) -> dict[str, Any]:
    """Have the sweeper of `region` look at `keys` in quarantine again, once no sweep works beside it; its answer."""
    return _when_free(endpoint, deployment, region, {"release": keys}, clock)


def _when_free(
    endpoint: Endpoint, deployment: Deployment, region: str, asked: dict[str, Any], clock: Clock
) -> dict[str, Any]:
    """Ask the sweeper again while another one works or its ledger is away; raises OperationError after a while."""
    answer: dict[str, Any] = {}
    away_since: float | None = None

    def was_free() -> bool:
        nonlocal answer, away_since
        try:
            answer = run_sweeper(endpoint, deployment, region, asked)
        except FailedError as error:
            now = clock.now()
            away_since = now if away_since is None else away_since
            if error.kind != LEDGER_AWAY or now - away_since >= AWAY_SECONDS:
                raise
            return False
        away_since = None
        return not answer.get("busy")

    if not wait_until(was_free, seconds=BUSY_SECONDS, pause=PAUSE_SECONDS, now=clock.now, sleep=clock.sleep):
        raise OperationError("another sweep has been at work for too long: see the sweeper's log group")
    return answer
