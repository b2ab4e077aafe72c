"""`python -m costs cdk.out --rate 100`: what the stage in a cloud assembly costs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from costs.estimate import UnpricedError, estimate, total
from costs.prices import read_prices
from costs.template import AssemblyError, read_assembly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from costs.line import Line


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = -1
    if not 0 <= rate <= 1e6:  # noqa: PLR2004 - said in the message
        raise argparse.ArgumentTypeError(f"{text!r} is no rate: give transactions a second from 0 to 1000000")
    return rate


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the estimate; return 0, or 2 when there are no templates or one of their types has no price."""
    parser = argparse.ArgumentParser(prog="python -m costs", description="Estimate what a synthesized stage costs.")
    parser.add_argument("assembly", type=Path, help="the folder that synthesis wrote, cdk.out")
    parser.add_argument("--rate", type=_rate, default=10.0, help="transactions a second (default: %(default)g)")
    given = parser.parse_args(arguments)
    prices = read_prices()
    try:
        result = estimate(read_assembly(given.assembly), prices, rate=given.rate)
    except (AssemblyError, UnpricedError) as error:
        print(f"costs: {error}", file=sys.stderr)
        return 2
    console = Console()
    _show(console, "a month, while idle", result.idle)
    _show(console, f"a million transactions, at {given.rate:g} a second", result.million)
    _show(console, "a gigabyte, kept for a month", result.gigabyte)
    console.print(
        f"A month at {given.rate:g} transactions a second: about {result.month(given.rate):,.0f} dollars, by list "
        f"prices of {prices.as_of}. Not counted: capacity of Aurora above its minimum, documents, free tiers, tax.",
        soft_wrap=True,
    )
    return 0


def _show(console: Console, title: str, lines: Sequence[Line]) -> None:
    table = Table(title=f"{title}: {total(lines):,.2f} dollars", title_justify="left")
    table.add_column("Region")
    table.add_column("what")
    table.add_column("dollars", justify="right")
    table.add_column("how it is counted")
    for line in sorted(lines, key=lambda line: -line.dollars):
        table.add_row(line.region, line.service, f"{line.dollars:,.2f}", line.counted)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
