"""Composes the stacks of one stage, and has the rule packs check them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Tags

from stacks.global_stack import GlobalStack
from stacks.placement import Placement
from stacks.primary_region_stack import PrimaryRegionStack
from stacks.secondary_region_stack import SecondaryRegionStack
from tandem.policies.provider_logs import own_provider_logs

if TYPE_CHECKING:
    from aws_cdk import App, Stack

    from stacks.settings.stage import Settings


def build(app: App, settings: Settings) -> list[Stack]:
    """Compose the stage's stacks, in the order of their deployment."""
    placement = Placement(settings)
    shared = GlobalStack(
        app,
        "GlobalStack",
        placement=placement,
        stack_name=placement.stack_name("global"),
        env=placement.environment(placement.secondary),
        cross_region_references=True,
        termination_protection=settings.retain,
    )
    primary = PrimaryRegionStack(
        app,
        "PrimaryRegionStack",
        placement=placement,
        shared=shared,
        stack_name=placement.stack_name("primary"),
        env=placement.environment(placement.primary),
        cross_region_references=True,
        termination_protection=settings.retain,
    )
    primary.add_stack_dependency(shared)
    stacks: list[tuple[Stack, str]] = [(shared, "global"), (primary, "primary")]
    if settings.networks.secondary:
        secondary = SecondaryRegionStack(
            app,
            "SecondaryRegionStack",
            placement=placement,
            shared=shared,
            primary=primary,
            network=settings.networks.secondary,
            stack_name=placement.stack_name("secondary"),
            env=placement.environment(placement.secondary),
            cross_region_references=True,
            termination_protection=settings.retain,
        )
        secondary.add_stack_dependency(primary)
        stacks.append((secondary, "secondary"))
    for stack, role in stacks:
        key = primary.key if stack is primary else shared.key
        own_provider_logs(stack, key=key, reader_key=None if stack is primary and placement.dual else key)
        tags = {"Environment": settings.environment, "Stage": settings.stage, "Region-Role": role, "ManagedBy": "cdk"}
        for name, value in tags.items():
            Tags.of(stack).add(name, value)
    return [stack for stack, _ in stacks]


def check(app: App, settings: Settings) -> None:
    """Have synthesis fail on any finding of the rule packs; where CDK's own validation is off, so are they."""
    from tandem.policies import compliance  # noqa: PLC0415 - loading the packs takes a fifth of a fast synthesis

    placement = Placement(settings)
    regions = sorted({placement.primary, placement.secondary})
    compliance.register(app, names=placement.names, regions=regions, retain=settings.retain)
