"""Phases that take only a part of the primary Region away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drills.scenarios.phases import converge, outage_begins
from operations.global_database import ledger_state

if TYPE_CHECKING:
    from drills.context import DrillContext


def lose_database(context: DrillContext) -> None:
    """Lose the primary Region's database only."""
    with context.phase(f"lose the database of {context.primary}"):
        outage_begins(context)
        context.control.lose_database(context.primary)


def restore_database(context: DrillContext) -> None:
    """Bring the primary Region's database back."""
    with context.phase(f"restore the database of {context.primary}"):
        context.control.restore_database(context.primary)


def lose_api(context: DrillContext) -> None:
    """Lose the primary Region's API only."""
    with context.phase(f"lose the API of {context.primary}"):
        outage_begins(context)
        context.control.lose_api(context.primary)


def restore_api(context: DrillContext) -> None:
    """Bring the primary Region's API back."""
    with context.phase(f"restore the API of {context.primary}"):
        context.control.restore_api(context.primary)


def ledger_current_everywhere(context: DrillContext) -> None:
    """Check that both ledgers follow while the API is away, and that nobody moved the writer."""
    converge(context)
    writer = ledger_state(context.endpoint, context.deployment, context.secondary).writer_region
    context.result.observe(
        "the writer stayed", passed=writer == context.primary, detail=f"{writer} writes, {context.primary} should"
    )
