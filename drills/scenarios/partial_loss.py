"""Phases that take only a part of the primary Region away."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from drills.history.events import Faulted, Mended
from drills.scenarios.partial import writer_stayed
from drills.scenarios.phases import converge

if TYPE_CHECKING:
    from drills.context import DrillContext


def lose_database(context: DrillContext) -> None:
    """Lose the primary Region's database only; whoever needs the ledger cannot be served from then on."""
    _lose_database(context, outage=True)


def lose_database_unnoticed(context: DrillContext) -> None:
    """Lose the database some moments before the rest; clients notice nothing, so the outage does not begin yet."""
    _lose_database(context, outage=False)


def _lose_database(context: DrillContext, *, outage: bool) -> None:
    with context.phase(f"lose the database of {context.primary}"):
        context.history.append(Faulted(at=time.monotonic(), what="database", region=context.primary, outage=outage))
        context.control.lose_database(context.primary)


def restore_database(context: DrillContext) -> None:
    """Bring the primary Region's database back."""
    with context.phase(f"restore the database of {context.primary}"):
        context.history.append(Mended(at=time.monotonic(), what="database", region=context.primary))
        context.control.restore_database(context.primary)


def lose_api(context: DrillContext) -> None:
    """Lose the primary Region's API only."""
    with context.phase(f"lose the API of {context.primary}"):
        context.history.append(Faulted(at=time.monotonic(), what="API", region=context.primary, outage=True))
        context.control.lose_api(context.primary)


def restore_api(context: DrillContext) -> None:
    """Bring the primary Region's API back."""
    with context.phase(f"restore the API of {context.primary}"):
        context.history.append(Mended(at=time.monotonic(), what="API", region=context.primary))
        context.control.restore_api(context.primary)


def ledger_current_everywhere(context: DrillContext) -> None:
    """Wait until both ledgers follow while the API is away, and note who writes: nobody was to move the writer."""
    converge(context)
    writer_stayed(context)
