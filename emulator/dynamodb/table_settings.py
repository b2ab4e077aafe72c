"""How consistent a global table's replicas are, which MiniStack does not tell."""

from __future__ import annotations

from typing import Any

from ministack.services import dynamodb

__all__ = ["install"]


def install() -> None:
    """Add the mode and the witness to DescribeTable's answer."""
    stock = dynamodb._table_description

    def describe(name: str) -> dict[str, Any]:
        description: dict[str, Any] = stock(name)
        table = dynamodb._tables[name]
        if table.get("MultiRegionConsistency"):
            description["MultiRegionConsistency"] = table["MultiRegionConsistency"]
        witnesses = table.get("GlobalTableWitnesses") or []
        if witnesses:
            description["GlobalTableWitnesses"] = [{**each, "WitnessStatus": "ACTIVE"} for each in witnesses]
        return description

    dynamodb._table_description = describe
