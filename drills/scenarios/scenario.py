"""A scenario: phases in their order, and which figures it can have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drills.context import DrillContext

ALL_STACKS = ("GlobalStack", "PrimaryRegionStack", "SecondaryRegionStack")


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What happens to a stage under load.

    `steps` run in order between the load's start and its end; `stacks` are deployed before the first. A scenario with
    `both_regions` false ends without the secondary Region, so only the primary's journal and ledger are verified.
    """

    name: str
    summary: str
    steps: tuple[Callable[[DrillContext], None], ...]
    not_applicable: Mapping[str, str] = field(default_factory=dict)
    stacks: tuple[str, ...] = ALL_STACKS
    both_regions: bool = True
