"""A benchmark hands back what goes into the report, and its figures beside what is asked of them."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured value and its bounds, where there are any."""

    name: str
    value: float
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool:
        """Say whether the value is within its bounds."""
        return (self.at_least is None or self.value >= self.at_least) and (
            self.at_most is None or self.value <= self.at_most
        )

    @property
    def asked(self) -> str:
        """Return the bounds in words."""
        words = [("at least", self.at_least), ("at most", self.at_most)]
        return ", ".join(f"{text} {bound:g}" for text, bound in words if bound is not None) or "reported"


@dataclass(frozen=True)
class Result:
    """`report` goes into the report's top level; `figures` are printed and judged."""

    report: Mapping[str, Any]
    figures: list[Figure] = field(default_factory=list)


def alternate(rounds: int, *actions: Callable[[int], object]) -> list[float]:
    """Run the actions in turns and return the median seconds of each; the first round only warms up.

    Each action is given the number of its round. Whatever else the machine does hits all of them alike.
    """
    times: list[list[float]] = [[] for _ in actions]
    for number in range(rounds + 1):
        for action, taken in zip(actions, times, strict=True):
            start = time.perf_counter()
            action(number)
            if number:
                taken.append(time.perf_counter() - start)
    return [statistics.median(taken) for taken in times]


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as a table, each beside what is asked of it."""
    rows = [
        (each.name, f"{each.value:,.3f}".rstrip("0").rstrip("."), each.unit, each.asked, "" if each.met else "MISSED")
        for each in figures
    ]
    rows.insert(0, ("figure", "measured", "", "asked", ""))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = (
        f"{name:<{widths[0]}}  {value:>{widths[1]}}  {unit:<{widths[2]}}  {asked:<{widths[3]}}  {missed}"
        for name, value, unit, asked, missed in rows
    )
    return "".join(line.rstrip() + "\n" for line in lines)
