"""One part of the installation of the embedded AWS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.program.services import Services


@dataclass(frozen=True, kw_only=True)
class Step:
    """One part that takes its place in MiniStack: what for, and the steps that must come before it."""

    name: str
    why: str
    run: Callable[[Services], None]
    after: tuple[str, ...] = ()
