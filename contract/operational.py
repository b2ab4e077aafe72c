"""How heartbeats and quarantine lie in the operational table."""

from __future__ import annotations

from contract.tables import PARTITION_KEY, SORT_KEY

HEARTBEAT_PREFIX = "heartbeat#"
LATEST = "latest"
QUARANTINE = "quarantine"
"""The partition that holds every item in quarantine."""


EVIDENCE_PREFIX = "evidence#"
SETTLED_PREFIX = "settled#"


def evidence_partition(observer: str, origin: str) -> str:
    """The partition with what `observer` has seen of `origin`, one item a minute."""
    return f"{EVIDENCE_PREFIX}{observer}#{origin}"


def settled_key(region: str) -> dict[str, dict[str, str]]:
    """The key of the item that says whether a Region's ledger has everything to do with its journal behind it."""
    return {PARTITION_KEY: {"S": f"{SETTLED_PREFIX}{region}"}, SORT_KEY: {"S": LATEST}}


def heartbeat_key(region: str) -> dict[str, dict[str, str]]:
    """The key of a Region's heartbeat, as DynamoDB's API takes it."""
    return {PARTITION_KEY: {"S": f"{HEARTBEAT_PREFIX}{region}"}, SORT_KEY: {"S": LATEST}}
