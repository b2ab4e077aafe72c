"""The price table, read once."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLE = Path(__file__).with_name("prices.toml")


@dataclass(frozen=True, kw_only=True)
class Prices:
    """List prices in US dollars by service and unit, the month they were read in, and what is assumed of the use."""

    as_of: str
    regions: tuple[str, ...]
    hours: float
    table: Mapping[str, Mapping[str, float]]

    def of(self, service: str, unit: str) -> float:
        """Return the price of one `unit`; raises KeyError for one that the table has not."""
        return self.table[service][unit]

    def use(self, name: str) -> float:
        """Return what is assumed of the use."""
        return self.table["usage"][name]


def read_prices(path: Path = TABLE) -> Prices:
    """Read the price table."""
    values: dict[str, Any] = tomllib.loads(path.read_text())
    return Prices(
        as_of=values.pop("as_of"),
        regions=tuple(values.pop("regions")),
        hours=values.pop("hours"),
        table=values,
    )
