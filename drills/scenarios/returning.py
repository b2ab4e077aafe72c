"""Scenarios in which the primary Region returns: before `recover` begins anything, and while it is at work."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from drills.history.events import Faulted
from drills.history.seen import RecoverHeard
from drills.scenarios import partial, phases, unattended
from drills.scenarios.scenario import Scenario
from operations.recovery_evidence import last_said

if TYPE_CHECKING:
    from drills.context import DrillContext

BELOW_SECONDS = 120
"""How long the Region is away: the slowest signal says lost after 90 s, and all three have to say so for 60 s more."""

_WRITER_STAYS = "the writer need not move"


def stay_away(context: DrillContext) -> None:
    """Let the Region be away until just before `recover` would begin."""
    left = context.history.of(Faulted)[-1].at + BELOW_SECONDS - time.monotonic()
    with context.phase(f"{context.primary} is away for {BELOW_SECONDS} s"):
        time.sleep(max(0.0, left))


def recover_declined(context: DrillContext) -> None:
    """Note what `recover` said last: it was to see signals that said lost, and to begin nothing for them."""
    said = last_said(context.endpoint, context.deployment)
    text, when = (said.text, said.at) if said else (None, None)
    context.history.append(RecoverHeard(at=time.monotonic(), text=text, said_at=when))


_AWAY = (phases.lose_primary, phases.clients_move, stay_away, phases.restore_primary, phases.clients_return)

FLICKERING = Scenario(
    name="flickering",
    summary="the primary Region is lost and returns just before `recover` would begin, twice: the writer stays",
    steps=(
        unattended.canary_has_reached_both,
        *_AWAY,
        *_AWAY,
        recover_declined,
        phases.converge,
        partial.writer_stayed,
        phases.load_after,
    ),
    not_applicable={
        "promotion_seconds": _WRITER_STAYS,
        "ledger_rto_seconds": _WRITER_STAYS,
        "ledger_complete_seconds": _WRITER_STAYS,
        "rpo_seconds": "both Regions' journals are there at the end",
    },
)

RETURNS_HALFWAY = Scenario(
    name="returns-halfway",
    summary="the primary Region returns at the moment at which `recover` begins: the writer moves once",
    steps=(
        unattended.canary_has_reached_both,
        phases.lose_primary,
        phases.clients_move,
        unattended.recover_says("began"),
        phases.restore_primary,
        unattended.recover_moves_the_ledger,
        phases.ledger_complete,
        unattended.plan_completes,
        phases.load_during,
        phases.converge,
        phases.fail_back_to_primary,
        phases.load_after,
    ),
)

RETURNING = (FLICKERING, RETURNS_HALFWAY)
"""Scenarios of a primary Region that comes back."""
