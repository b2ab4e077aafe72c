"""Phases of a Region that flaps: lost, back, and the other one lost right after."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from drills.history.events import Faulted, Mended, Promoted
from drills.measure.lookup import journal_ids, ledger_entries
from operations.errors import OperationError
from operations.failover import fail_over
from operations.global_database import ledger_state

if TYPE_CHECKING:
    from drills.context import DrillContext


def primary_is_member(context: DrillContext) -> None:
    """Wait until the primary's database could be promoted; nothing has converged by then."""

    def member() -> bool:
        try:
            state = ledger_state(context.endpoint, context.deployment, context.primary)
        except OperationError:
            return False
        return state.status == "available" and context.primary in state.members

    with context.phase(f"{context.primary} is a member of the global database"):
        context.wait(member, f"{context.primary} did not become a member")


def lose_secondary(context: DrillContext) -> None:
    """Lose the secondary Region, which writes."""
    with context.phase(f"lose {context.secondary}"):
        context.history.append(Faulted(at=time.monotonic(), what="Region", region=context.secondary, outage=True))
        context.control.lose(context.secondary)


def restore_secondary(context: DrillContext) -> None:
    """Bring the secondary Region back."""
    with context.phase(f"restore {context.secondary}"):
        context.history.append(Mended(at=time.monotonic(), what="Region", region=context.secondary))
        context.control.restore(context.secondary)


def force_failover_to_primary(context: DrillContext) -> None:
    """Force the ledger to the primary, the second time within the drill, and wait for what its journal holds."""
    with context.phase(f"fail over to {context.primary}"):
        fail_over(
            context.endpoint,
            context.deployment,
            reason="drill",
            to=context.primary,
            timeout_seconds=context.options.patience_seconds,
            say=context.say_below,
            waits=context.waits,
        )
        context.history.append(Promoted(at=time.monotonic(), region=context.primary))
        ids = {str(transaction.id) for transaction in context.acknowledged()}
        journalled = journal_ids(context.endpoint, context.deployment, context.primary, ids)
        context.wait(
            lambda: (
                journalled <= set(ledger_entries(context.endpoint, context.deployment, context.primary, journalled))
            ),
            "the second new writer's ledger does not catch up with its journal",
        )
