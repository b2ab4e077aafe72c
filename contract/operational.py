"""How heartbeats and quarantine lie in the operational table."""

from __future__ import annotations

from contract.tables import PARTITION_KEY, SORT_KEY

HEARTBEAT_PREFIX = "heartbeat#"
LATEST = "latest"
QUARANTINE = "quarantine"
"""The partition that holds every item in quarantine."""


def heartbeat_key(region: str) -> dict[str, dict[str, str]]:
    """The key of a Region's heartbeat, as DynamoDB's API takes it."""
    return {PARTITION_KEY: {"S": f"{HEARTBEAT_PREFIX}{region}"}, SORT_KEY: {"S": LATEST}}
