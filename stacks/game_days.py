"""The experiments of a stage's game days, in the primary Region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract.metrics import QUARANTINE_HELD
from tandem.game_day import GameDay, Reach

if TYPE_CHECKING:
    from stacks.region_stack import RegionStack

_STOPS = ("ApiErrors", QUARANTINE_HELD)
"""The alarms that end an experiment: clients are refused, or the ledger cannot take what the journal holds."""


def game_days(stack: RegionStack) -> None:
    """Add them where there are two Regions, unless the stage has set them off."""
    placement = stack.placement
    if not placement.dual or not placement.settings.game_days.experiments or stack.role != "primary":
        return
    names, region = placement.names, stack.region_name
    GameDay(
        stack,
        "GameDay",
        names=names,
        region=region,
        reach=Reach(
            network=stack.network,
            tables=[names.table_arn(table, region) for table in (names.journal_table, names.operational_table)],
            other_region=stack.other_region,
            strong=placement.settings.journal.consistency == "strong",
        ),
        stops=[stack.alarms[name] for name in _STOPS],
        minutes=placement.settings.game_days.action_minutes,
        keeping=stack.defaults,
    )
