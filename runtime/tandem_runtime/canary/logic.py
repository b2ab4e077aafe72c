"""What the answer to a request says of the Region that was asked, and how long its transaction took to arrive."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from contract.metrics import CANARY_JOURNALLED, CANARY_POSTED
from tandem_runtime.shared.signs import ALIVE, LOST, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_TOO_MANY = 429
_PAUSE_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a request came to: the status, or the error that it failed of. `body` is parsed JSON, None where it is none.

    `seconds` is how long it took.
    """

    status: int | None
    error: Exception | None = None
    body: object = None
    seconds: float = 0.0


class Apis(Protocol):
    """The APIs of both Regions."""

    def look(self, region: str, transaction_id: str) -> Answer:
        """Ask a Region's API whether its journal and its ledger hold a transaction."""
        ...


def seen(answer: Answer) -> str:
    """What an answer says of the Region: alive, lost, or unknown.

    Only what a Region does that is gone counts as lost: it refuses the connection, says nothing in time, has no name
    any more, or answers 5xx. A refused signature or certificate, or a network of our own that is down, tell nothing.
    """
    if answer.status is not None:
        if 200 <= answer.status < 300 or answer.status == _TOO_MANY:  # noqa: PLR2004 - HTTP's classes
            return ALIVE
        return LOST if answer.status >= 500 else UNKNOWN  # noqa: PLR2004 - HTTP's classes
    error = answer.error
    if isinstance(error, ssl.SSLError):
        return UNKNOWN
    if isinstance(error, socket.gaierror):
        return LOST if error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None)) else UNKNOWN
    return LOST if isinstance(error, (ConnectionError, TimeoutError)) else UNKNOWN


def transaction_of(answer: Answer) -> str | None:
    """The id of the transaction that was acknowledged; None where none was."""
    named = answer.body.get("id") if isinstance(answer.body, dict) else None
    return named if isinstance(named, str) and seen(answer) == ALIVE else None


def arrivals(
    transaction_id: str,
    apis: Apis,
    *,
    taken_in: str,
    regions: Iterable[str],
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    until: float,
) -> Iterator[tuple[str, str, float]]:
    """Yield metric, Region and seconds for each store that comes to hold the transaction before `until`, by the clock.

    The journal of the Region that took it is not asked for: the acknowledgement says that.
    """
    began = clock()
    waiting = {(metric, region) for region in regions for metric in (CANARY_JOURNALLED, CANARY_POSTED)}
    waiting.discard((CANARY_JOURNALLED, taken_in))
    while waiting and clock() < until:
        for region in sorted({region for _, region in waiting}):
            answer = apis.look(region, transaction_id)
            holds = answer.body if isinstance(answer.body, dict) else {}
            for metric, name in ((CANARY_JOURNALLED, "journalled"), (CANARY_POSTED, "posted")):
                if holds.get(name) is True and (metric, region) in waiting:
                    waiting.discard((metric, region))
                    yield metric, region, clock() - began
        if waiting:
            sleep(_PAUSE_SECONDS)
