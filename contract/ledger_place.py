"""What a Region's ledger is made with: stacks publish it, so that a restored ledger can take the lost one's place."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class LedgerPlace:
    """Where a Region's Aurora cluster stands and how it is set up; capacities are Aurora capacity units.

    `monitoring_role` is empty where enhanced monitoring is off. `instances` are identifiers, the writer first.
    """

    cluster: str
    subnet_group: str
    security_groups: tuple[str, ...]
    parameter_group: str
    key_arn: str
    port: str
    instances: tuple[str, ...]
    minimum_capacity: float
    maximum_capacity: float
    backup_days: int
    monitoring_seconds: int
    monitoring_role: str
    protected: bool

    def values(self) -> dict[str, Any]:
        """The record as JSON has it."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what a stack published; raises `ValueError` where it is no such record."""
        try:
            values = json.loads(text)
            lists = {name: tuple(values[name]) for name in ("security_groups", "instances")}
            return cls(**{**values, **lists})
        except (TypeError, KeyError, ValueError) as error:
            raise ValueError(f"{text!r} does not say where a ledger stands: deploy the stage again") from error
