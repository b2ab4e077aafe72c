"""How consistent a global table's replicas are, which MiniStack does not tell."""

from __future__ import annotations

from typing import Any

from emulator import ministack


def install() -> None:
    """Add the mode and the witness to DescribeTable's answer."""
    stock = ministack.DYNAMODB_DESCRIPTION.value

    def describe(name: str) -> dict[str, Any]:
        description: dict[str, Any] = stock(name)
        table = ministack.DYNAMODB_TABLES.value[name]
        if table.get("MultiRegionConsistency"):
            description["MultiRegionConsistency"] = table["MultiRegionConsistency"]
        witnesses = table.get("GlobalTableWitnesses") or []
        if witnesses:
            description["GlobalTableWitnesses"] = [{**each, "WitnessStatus": "ACTIVE"} for each in witnesses]
        return description

    ministack.DYNAMODB_DESCRIPTION.replace(describe)
