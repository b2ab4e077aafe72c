"""The installation of every part of the embedded AWS in the MiniStack that is there, if it is the right one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator import ministack
from emulator.program.services import Services
from emulator.program.state_folder import RefusedError
from emulator.program.steps import STEPS

if TYPE_CHECKING:
    from emulator.program.configuration import Configuration


def install(configuration: Configuration) -> Services:
    """Make every part and install them in order; raises `RefusedError` for a MiniStack that lacks a name."""
    refuse_another_ministack()
    services = Services(configuration)
    for step in STEPS:
        step.run(services)
    return services


def refuse_another_ministack() -> None:
    """Raise `RefusedError` where the installed MiniStack lacks a name that the emulator reads or replaces."""
    missing = ministack.missing()
    if missing:
        raise RefusedError(
            f"MiniStack {ministack.version()} lacks {', '.join(missing)}: install the version in"
            " requirements/emulator.txt, or change emulator/ministack.py to this version's names"
        )
