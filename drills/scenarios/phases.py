"""Phases that scenarios are made of. Each takes the context, says its name and records its times."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from drills.history.events import (
    ClientsMoved,
    DrillBegan,
    Faulted,
    LedgerCompleted,
    LedgerLacked,
    Mended,
    Promoted,
    Settled,
    Unreplicated,
)
from drills.history.moments import outage_began
from drills.measure.lookup import journal_ids, ledger_entries, verify
from drills.measure.missing import lacking
from drills.scenarios.racing import same_transaction_in_both
from operations.errors import OperationError
from operations.failback import fail_back
from operations.failover import fail_over
from operations.global_database import ledger_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from drills.clients.load import Transaction
    from drills.context import DrillContext


def lose_primary(context: DrillContext) -> None:
    """Lose the primary Region."""
    with context.phase(f"lose {context.primary}"):
        context.history.append(Faulted(at=time.monotonic(), what="Region", region=context.primary, outage=True))
        context.control.lose(context.primary)


def restore_primary(context: DrillContext) -> None:
    """Bring the primary Region back."""
    with context.phase(f"restore {context.primary}"):
        context.history.append(Mended(at=time.monotonic(), what="Region", region=context.primary))
        context.control.restore(context.primary)


def clients_move(context: DrillContext) -> None:
    """Wait until every client is sent to the secondary Region."""
    with context.phase(f"clients move to {context.secondary}"):
        context.wait_for_clients(
            lambda: context.all_clients_use(context.secondary),
            "clients did not move to the secondary",
            region=context.secondary,
        )
        context.history.append(ClientsMoved(at=time.monotonic(), region=context.secondary))


def clients_return(context: DrillContext) -> None:
    """Wait until every client is sent to the primary Region."""
    with context.phase(f"clients return to {context.primary}"):
        context.wait_for_clients(
            lambda: context.all_clients_use(context.primary),
            "clients did not return to the primary",
            region=context.primary,
        )
        context.history.append(ClientsMoved(at=time.monotonic(), region=context.primary))


def clients_begin_to_return(context: DrillContext) -> None:
    """Wait until the first client is sent to the primary Region: the secondary serves the others until they follow."""
    with context.phase(f"clients begin to return to {context.primary}"):
        context.wait_for_clients(
            lambda: context.any_client_uses(context.primary),
            "no client returned to the primary",
            region=context.primary,
        )


def force_failover(context: DrillContext) -> None:
    """Fail over as an operator does when the primary Region is gone."""
    _fail_over(context, "fail over")


def switch_over(context: DrillContext) -> None:
    """Fail over with both Regions there: nothing may be lost."""
    _fail_over(context, "switch over, planned", planned=True)


def force_ledger_failover(context: DrillContext) -> None:
    """Force the ledger over and leave the traffic where it is."""
    _fail_over(context, "fail over the ledger only", ledger_only=True)


def _fail_over(context: DrillContext, name: str, *, planned: bool = False, ledger_only: bool = False) -> None:
    with context.phase(name):
        fail_over(
            context.endpoint,
            context.deployment,
            reason="drill",
            planned=planned,
            ledger_only=ledger_only,
            timeout_seconds=context.options.patience_seconds,
            say=context.say_below,
            waits=context.waits,
        )
        context.history.append(Promoted(at=time.monotonic(), region=context.secondary))


def ledger_complete(context: DrillContext) -> None:
    """Say what the new writer's Region lacks, and when its ledger holds all that its journal does.

    The ledger is asked first and the journal for what is lacking there: asking the journal for minutes of transactions
    takes longer than inserting them.
    """
    with context.phase("ledger complete"):
        acknowledged = context.acknowledged()
        left = _ids(acknowledged)

        def missing() -> set[str]:
            left.difference_update(ledger_entries(context.endpoint, context.deployment, context.secondary, left))
            return journal_ids(context.endpoint, context.deployment, context.secondary, left)

        context.history.append(LedgerLacked(at=time.monotonic(), count=len(missing())))
        context.wait(
            lambda: not missing(),
            "the new writer's ledger does not catch up with its journal",
            missing=lambda: f"the ledger of {context.secondary} lacks {len(left)}",
        )
        context.history.append(LedgerCompleted(at=time.monotonic()))
        _unreplicated(context, [one for one in acknowledged if one.region == context.primary])


def _unreplicated(context: DrillContext, acknowledged: Sequence[Transaction]) -> None:
    """Note what of that which the lost Region acknowledged has not left it."""
    [drill] = context.history.of(DrillBegan)
    if outage_began(context.history.events) is None or "rpo_seconds" in drill.not_applicable:
        return
    journal = journal_ids(context.endpoint, context.deployment, context.secondary, _ids(acknowledged))
    away = tuple(one.key for one in acknowledged if one.id not in journal)
    context.history.append(Unreplicated(at=time.monotonic(), keys=away))


def _ids(transactions: Iterable[Transaction]) -> set[str]:
    return {str(transaction.id) for transaction in transactions}


def load_during(context: DrillContext) -> None:
    """Let clients work while the outage, or what the scenario does instead, lasts."""
    with context.phase("load goes on"):
        time.sleep(context.options.during_seconds)


def load_after(context: DrillContext) -> None:
    """Let clients work after everything is back."""
    context.history.append(Settled(at=time.monotonic()))
    with context.phase("load after everything is back"):
        time.sleep(context.options.after_seconds)


def converge(context: DrillContext) -> None:
    """Wait until both Regions hold what was acknowledged so far, and the global database is whole."""
    acknowledged = context.acknowledged()
    missing = ""

    def converged() -> bool:
        nonlocal missing
        try:
            state = ledger_state(context.endpoint, context.deployment, context.secondary)
            findings = verify(
                context.endpoint, context.deployment, acknowledged, regions=context.deployment.regions.both
            )
        except OperationError as error:
            missing = " ".join(str(error).split())
            return False  # a database is still being rebuilt
        missing = lacking(findings) if state.status == "available" else f"Aurora: {state.status}"
        return state.status == "available" and findings.complete

    with context.phase("converge"):
        context.wait(converged, "the Regions did not converge", missing=lambda: missing)


def fail_back_to_primary(context: DrillContext) -> None:
    """Switch the writer over to the primary Region and release the takeover switch."""
    with context.phase("fail back"):
        fail_back(
            context.endpoint,
            context.deployment,
            reason="drill",
            wait_seconds=context.options.patience_seconds,
            timeout_seconds=context.options.patience_seconds,
            say=context.say_below,
            waits=context.waits,
        )
    clients_begin_to_return(context)


AFTERMATH = (
    load_during,
    restore_primary,
    converge,
    fail_back_to_primary,
    same_transaction_in_both,
    load_after,
)
"""What follows once the secondary Region serves and writes: the lost one returns."""
