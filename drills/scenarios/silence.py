"""Steps that ask for a judgement of silences: how long clients were not acknowledged."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from drills.history.seen import LedgerSilenceAsked, SilenceAsked

if TYPE_CHECKING:
    from collections.abc import Callable

    from drills.context import DrillContext


def no_long_silence(name: str) -> Callable[[DrillContext], None]:
    """Return the step that has it judged, as `name`, whether clients were acknowledged all along until then."""

    def step(context: DrillContext) -> None:
        context.history.append(SilenceAsked(at=time.monotonic(), name=name))

    return step


def never_waits_for_the_ledger(context: DrillContext) -> None:
    """Have it judged whether clients waited for the ledger while it was away."""
    context.history.append(LedgerSilenceAsked(at=time.monotonic()))
