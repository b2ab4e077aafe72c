"""A table's stream: found where it is enabled, and enabled where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

VIEW = "NEW_AND_OLD_IMAGES"
"""What the projector needs of each change."""


@dataclass(frozen=True, kw_only=True)
class TableState:
    """What DynamoDB says of a table. `view` is None where no stream is enabled.

    `stream_arn` alone shows nothing: it stays for a day when a stream has been disabled.
    """

    active: bool
    view: str | None
    stream_arn: str | None


class Table(Protocol):
    """A table of this Region."""

    def state(self) -> TableState:
        """What DynamoDB says of it now, which may be a little old."""
        ...

    def enable_stream(self, view: str) -> str:
        """Have a stream enabled; empty, or why that cannot be done now."""
        ...


def stream_of(table: Table, *, time_is_left: Callable[[], bool], pause: Callable[[], None]) -> str:
    """The ARN of the table's stream, once the table is active with it.

    It may be asked again at any time: a stream that is there is left as it is. Raises `ValueError` when the stream has
    another view, which cannot be changed, and `TimeoutError` with the last refusal when time is up.
    """
    refusal = ""
    while True:
        state = table.state()
        if state.view not in (None, VIEW):
            raise ValueError(f"the stream has the view {state.view}: disable it, and deploy again for one of {VIEW}")
        if state.active and state.view and state.stream_arn:
            return state.stream_arn
        if not time_is_left():
            because = f" ({refusal})" if refusal else ""
            raise TimeoutError(f"the table has no stream yet{because}: deploy again")
        if state.active and state.view is None:
            refusal = table.enable_stream(VIEW)
        pause()
