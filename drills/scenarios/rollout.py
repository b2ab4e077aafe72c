"""Phases of a staged rollout: the secondary Region joins a stage that has data, and leaves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract.parameters import API_URL
from drills.measure.lookup import verify
from operations.deployment import find_deployment

if TYPE_CHECKING:
    from drills.context import DrillContext

STACK = "SecondaryRegionStack"


def secondary_joins(context: DrillContext) -> None:
    """Deploy the secondary Region's stack; it must come to hold what was acknowledged before it was there."""
    before = context.acknowledged()
    with context.phase(f"deploy {STACK}"):
        context.stacks.deploy(STACK)
    context.deployment = find_deployment(context.endpoint, context.deployment.stage, context.deployment.regions)

    def holds() -> bool:
        return verify(context.endpoint, context.deployment, before, regions=context.deployment.regions.both).complete

    with context.phase("the secondary holds what is older than itself"):
        context.wait(holds, f"{context.secondary} did not come to hold what was there before it")
    context.observe(
        "the secondary joins a stage that has data",
        passed=bool(before),
        detail=f"{len(before)} transactions were acknowledged before it was deployed",
    )


def secondary_leaves(context: DrillContext) -> None:
    """Destroy the secondary Region's stack; the primary goes on."""
    with context.phase(f"destroy {STACK}"):
        context.stacks.destroy(STACK)
    context.deployment = find_deployment(context.endpoint, context.deployment.stage, context.deployment.regions)
    gone = context.deployment.find(context.secondary, API_URL) is None
    context.observe("the secondary left", passed=gone, detail=f"parameters of its API gone: {gone}")


def was_never_refused(context: DrillContext) -> None:
    """Check that no request failed while stacks came and went."""
    kinds = dict(context.load.error_kinds)
    context.observe("no request failed", passed=not kinds, detail=str(kinds or "none"))
