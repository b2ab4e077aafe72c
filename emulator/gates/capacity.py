"""What Aurora Serverless v2 takes for a capacity.

From 0 to 256 ACUs in steps of half a unit, at most no less than at least and no less than one (Aurora User Guide,
"Performance and scaling for Aurora Serverless v2"); and 0, with which a cluster pauses, from certain versions of the
engine on (the same, "Scaling to Zero ACUs with automatic pause and resume").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

PAUSES_FROM = {13: 15, 14: 12, 15: 7, 16: 3}
"""The minor version of each major one from which a cluster pauses; every later major version does."""

MOST, LEAST_MAXIMUM, STEP = 256.0, 1.0, 0.5
MEMBER = "ServerlessV2ScalingConfiguration"


def refused(properties: Mapping[str, Any]) -> str | None:
    """What RDS says of a cluster's capacity, None where it takes it."""
    given = properties.get(MEMBER)
    if not isinstance(given, dict):
        return None
    lowest, highest = _number(given.get("MinCapacity")), _number(given.get("MaxCapacity"))
    for name, value in (("MinCapacity", lowest), ("MaxCapacity", highest)):
        if value is not None and (not 0 <= value <= MOST or value % STEP):
            return f"Serverless v2 {name} {value} isn't valid. It must be from 0 to {MOST} ACUs, in steps of {STEP}"
    if highest is not None and highest < max(lowest or 0, LEAST_MAXIMUM):
        return f"Serverless v2 MaxCapacity {highest} isn't valid. It must be {LEAST_MAXIMUM} or more, and the minimum"
    version = properties.get("EngineVersion")
    if lowest == 0 and version and not _pauses(str(version)):
        return f"Serverless v2 MinCapacity 0 isn't supported for engine version {version}"
    return None


def _pauses(version: str) -> bool:
    major, minor = ([int(part) for part in version.split(".") if part.isdigit()] + [0, 0])[:2]
    return major > max(PAUSES_FROM) or (major in PAUSES_FROM and minor >= PAUSES_FROM[major])


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
