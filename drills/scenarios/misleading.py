"""Scenarios that mislead `recover`, or meet it at work: the writer stays where no Region is lost, and moves once."""

from __future__ import annotations

from drills.scenarios import partial, phases, unattended
from drills.scenarios.degraded import WRITER_STAYS
from drills.scenarios.scenario import Scenario
from drills.scenarios.silence import no_long_silence

HEALTH_BROKEN = Scenario(
    name="health-broken",
    summary="only the primary Region's health checks fail: clients move, `recover` declines, the writer stays",
    steps=(
        unattended.canary_has_reached_both,
        partial.inject(partial.NO_HEALTH),
        phases.clients_move,
        unattended.recover_says("declined"),
        partial.mend,
        no_long_silence("acknowledged while health checks failed"),
        phases.clients_return,
        phases.converge,
        partial.writer_stayed,
        phases.load_after,
    ),
    not_applicable=WRITER_STAYS,
)

CANARY_BROKEN = Scenario(
    name="canary-broken",
    summary="only canaries are refused in the primary Region: `recover` looks and declines, nothing moves",
    steps=(
        unattended.canary_has_reached_both,
        partial.inject(partial.NO_CANARY),
        unattended.recover_says("declined"),
        partial.mend,
        no_long_silence("acknowledged while the canary was refused"),
        phases.converge,
        partial.writer_stayed,
        phases.load_after,
    ),
    not_applicable=WRITER_STAYS,
)

SECONDARY_BLIND = Scenario(
    name="secondary-blind",
    summary="DynamoDB answers errors in the secondary Region, where `recover` can read no signal: nothing moves",
    steps=(
        unattended.canary_has_reached_both,
        partial.inject(partial.BLIND),
        unattended.recover_looks_twice,
        partial.mend,
        no_long_silence("acknowledged while the secondary was blind"),
        phases.converge,
        partial.writer_stayed,
        phases.load_after,
    ),
    not_applicable=WRITER_STAYS,
)

RECOVER_AND_OPERATOR = Scenario(
    name="recover-and-operator",
    summary="the primary Region is lost, and an operator fails over at the moment at which `recover` begins to",
    steps=(
        unattended.canary_has_reached_both,
        phases.lose_primary,
        phases.clients_move,
        unattended.recover_says("began"),
        phases.force_failover,
        phases.ledger_complete,
        unattended.plan_completes,
        *phases.AFTERMATH,
    ),
)

MISLEADING = (HEALTH_BROKEN, CANARY_BROKEN, SECONDARY_BLIND, RECOVER_AND_OPERATOR)
