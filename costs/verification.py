"""`python -m costs.verification cdk.out`: what verifying a stage on AWS creates and costs, for a few hours of it."""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from contract.game_days import EXPERIMENTS
from costs.estimate import UnpricedError, total
from costs.idle import idle, unpriced
from costs.prices import read_prices
from costs.template import AssemblyError, read_assembly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from costs.prices import Prices
    from costs.template import Resource

HOURS = 4.0
"""How long a verification takes at most: deployment and destruction in two Regions, three experiments, and moving."""
NOT_COUNTED = (
    "not counted: a zone's month, which is charged whole after twelve hours, requests, free tiers, tax, and what a "
    "stage with retain = true keeps when it is destroyed"
)
TEMPLATE = "AWS::FIS::ExperimentTemplate"
_MINUTES = re.compile(r"PT(\d+)M")
_SHOWN = 12


def action_minutes(resources: Sequence[Resource]) -> int:
    """The minutes of all actions of all experiments, each run once; AWS FIS charges by them."""
    minutes = 0
    for resource in resources:
        if resource.type == TEMPLATE:
            for action in resource.properties["Actions"].values():
                match = _MINUTES.fullmatch(action["Parameters"]["duration"])
                minutes += int(match[1]) if match else 0
    return minutes


def lines(resources: Sequence[Resource], prices: Prices, *, hours: float) -> list[str]:
    """What is created and what it costs, line by line; raises UnpricedError when a type has no price."""
    if unknown := unpriced(resources):
        raise UnpricedError(f"no price for {', '.join(unknown)}: add a rule or a reason to costs/idle.py")
    month = total(idle(resources, prices))
    minutes = action_minutes(resources)
    experiments = minutes * prices.of("fis", "action_minute")
    kinds = Counter(each.type for each in resources)
    commonest = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(_SHOWN))
    share = month * hours / prices.hours
    return [
        f"creates {len(resources)} resources of {len(kinds)} types: {commonest}, and others",
        f"experiments: {len(EXPERIMENTS)} of AWS FIS, {minutes} minutes of actions: {experiments:.2f} dollars",
        f"the stage for {hours:g} hours, of {month:,.2f} dollars a month while idle: {share:.2f} dollars",
        f"in all about {share + experiments:,.2f} dollars by list prices of {prices.as_of}",
        NOT_COUNTED,
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print it; return 0, or 2 when there are no templates or one of their types has no price."""
    parser = argparse.ArgumentParser(prog="python -m costs.verification", description="What a verification costs.")
    parser.add_argument("assembly", type=Path, help="the folder that synthesis wrote, cdk.out")
    parser.add_argument("--hours", type=float, default=HOURS, help="how long it takes (default: %(default)g)")
    given = parser.parse_args(arguments)
    try:
        told = lines(read_assembly(given.assembly), read_prices(), hours=given.hours)
    except (AssemblyError, UnpricedError) as error:
        print(f"costs: {error}", file=sys.stderr)
        return 2
    for line in told:
        Console().print(line, soft_wrap=True, highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
