"""Emptying a vault: its recovery points are deleted in the background, and those being made cannot be deleted yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class RecoveryPoints(Protocol):
    """The recovery points of a vault."""

    def is_marked(self) -> bool:
        """Whether the stack takes the vault with it when it goes."""
        ...

    def remaining(self) -> Iterable[tuple[str, str]]:
        """The ARN and the status of every recovery point."""
        ...

    def delete(self, arn: str) -> str:
        """Have a recovery point deleted; empty, or why it cannot be deleted now."""
        ...


def empty(points: RecoveryPoints, *, time_is_left: Callable[[], bool], pause: Callable[[], None]) -> None:
    """Delete recovery points until none is left; raises `TimeoutError` with the last refusal when time is up.

    A vault that is not marked is left as it is: its stack has come to retain its data, and only the emptier goes.
    """
    if not points.is_marked():
        return
    while True:
        left, refusal = 0, ""
        for arn, status in points.remaining():
            left += 1
            if status != "DELETING":
                refusal = points.delete(arn) or refusal
        if not left:
            return
        if not time_is_left():
            because = f" ({refusal})" if refusal else ""
            raise TimeoutError(f"{left} recovery points are left{because}: delete the stack again")
        pause()
