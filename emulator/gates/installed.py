"""Both gates in the embedded AWS: the one module of this package that knows MiniStack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack import app as ministack

from emulator.gates.door import Door
from emulator.gates.gate import Gate

if TYPE_CHECKING:
    from collections.abc import Callable


class Gates:
    """The gates of one embedded AWS, in one mode; what they met is a page of `pages`."""

    def __init__(self, mode: str, pages: dict[str, Callable[[], Any]]) -> None:
        self._gate = Gate(mode)
        pages["gate"] = self._gate.report

    def in_front_of(self, inner: Any) -> Any:
        """Stand in front of an ASGI app: the gate at the door."""
        return Door(self._gate, ministack._extract_s3_vhost_bucket).in_front_of(inner)
