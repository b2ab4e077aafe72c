"""Phases of a staged rollout: the secondary Region joins a stage that has data, and leaves it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from contract.parameters import API_URL
from drills.history.seen import FailuresAsked, StackDeployed, StackDestroyed
from drills.measure.lookup import verify
from operations.deployment import find_deployment

if TYPE_CHECKING:
    from drills.context import DrillContext

STACK = "SecondaryRegionStack"


def secondary_joins(context: DrillContext) -> None:
    """Deploy the secondary Region's stack; it must come to hold what was acknowledged before it was there."""
    before, since = context.acknowledged(), time.monotonic()
    with context.phase(f"deploy {STACK}"):
        context.stacks.deploy(STACK)
    context.deployment = find_deployment(context.endpoint, context.deployment.stage, context.deployment.regions)

    def holds() -> bool:
        return verify(context.endpoint, context.deployment, before, regions=context.deployment.regions.both).complete

    with context.phase("the secondary holds what is older than itself"):
        context.wait(holds, f"{context.secondary} did not come to hold what was there before it")
    context.history.append(StackDeployed(at=time.monotonic(), stack=STACK, since=since))


def secondary_leaves(context: DrillContext) -> None:
    """Destroy the secondary Region's stack; the primary goes on."""
    with context.phase(f"destroy {STACK}"):
        context.stacks.destroy(STACK)
    context.deployment = find_deployment(context.endpoint, context.deployment.stage, context.deployment.regions)
    known = context.deployment.find(context.secondary, API_URL) is not None
    context.history.append(StackDestroyed(at=time.monotonic(), stack=STACK, api_known=known))


def was_never_refused(context: DrillContext) -> None:
    """Have it judged that no request failed while stacks came and went."""
    context.history.append(FailuresAsked(at=time.monotonic()))
