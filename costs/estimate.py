"""An estimate of a stage: three tables, told as text or as a page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from costs.idle import idle, unpriced
from costs.usage import per_gigabyte, per_million

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from costs.line import Line
    from costs.prices import Prices
    from costs.template import Resource

MONTH_SECONDS = 730 * 3600
CENT = 0.01


class UnpricedError(ValueError):
    """The templates declare types that nobody has said the price of."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a stage costs in US dollars: by the month while idle, by a million transactions, by a gigabyte and month."""

    idle: tuple[Line, ...]
    million: tuple[Line, ...]
    gigabyte: tuple[Line, ...]

    def month(self, rate: float) -> float:
        """Return the dollars of a month at `rate` transactions a second, what they pile up not included."""
        return total(self.idle) + rate * MONTH_SECONDS / 1e6 * total(self.million)


def estimate(resources: Sequence[Resource], prices: Prices, *, rate: float) -> Estimate:
    """Estimate a stage from its templates; raises UnpricedError when they declare a type that has no rule."""
    unknown = unpriced(resources)
    if unknown:
        raise UnpricedError(f"no price for {', '.join(unknown)}: add a rule or a reason to costs/idle.py")
    return Estimate(
        idle=grouped(idle(resources, prices)),
        million=grouped(per_million(resources, prices, rate=rate)),
        gigabyte=grouped(per_gigabyte(resources, prices)),
    )


def total(lines: Iterable[Line]) -> float:
    """Return the sum of some lines."""
    return sum(line.dollars for line in lines)


def grouped(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Return one line for all that are charged in one Region for one service, and counted alike."""
    sums: dict[tuple[str, str, str], list[Line]] = {}
    for line in lines:
        sums.setdefault((line.region, line.service, line.counted), []).append(line)
    return tuple(
        _sum(same)
        for _, same in sorted(sums.items(), key=lambda item: (item[0][0], item[0][1], item[0][2]))
        if total(same) >= CENT / 2
    )


def _sum(lines: list[Line]) -> Line:
    times = f"{len(lines)} x " if len(lines) > 1 else ""
    return replace(lines[0], dollars=total(lines), counted=times + lines[0].counted)


def table(lines: Iterable[Line]) -> str:
    """Return lines as a table in Markdown, the dearest first."""
    rows = ["| Region | what | dollars | how it is counted |", "| --- | --- | --- | --- |"]
    rows += [
        f"| {line.region} | {line.service} | {line.dollars:,.2f} | {line.counted} |"
        for line in sorted(lines, key=lambda line: -line.dollars)
    ]
    return "\n".join(rows)


def page(title: str, result: Estimate, *, rate: float) -> str:
    """Return the section of docs/costs.md that speaks of one stage."""
    parts = (
        f"### {title}",
        (
            f"A month while idle: **{total(result.idle):,.0f} dollars**; at {rate:g} transactions a second about "
            f"**{result.month(rate):,.0f}**."
        ),
        table(result.idle),
        f"A million transactions, at {rate:g} a second: **{total(result.million):,.2f} dollars**.",
        table(result.million),
        f"A gigabyte, kept for a month: **{total(result.gigabyte):,.2f} dollars**.",
        table(result.gigabyte),
    )
    return "\n\n".join(parts)
