"""The takeover switch, what `recover` said of its last decision, and whether its canary works: all in one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract.recovery import EVIDENCE_KEY, REACHED_AT, SAID, SAID_AT, SWITCH_KEY, canary_key
from operations.invocations import Switch

if TYPE_CHECKING:
    from operations.deployment import Deployment
    from operations.endpoint import Endpoint


@dataclass(frozen=True, kw_only=True)
class Said:
    """What `recover` began, or why it began nothing although a signal said lost, and when (seconds since 1970)."""

    text: str
    at: float


def switch_state(endpoint: Endpoint, deployment: Deployment) -> Switch:
    """Return how the takeover switch stands, read from its table: who may only look may not invoke what moves it.

    Raises BotoCoreError or ClientError.
    """
    item = (
        endpoint.dynamodb(deployment.regions.secondary)
        .get_item(TableName=deployment.names.takeover_table, Key=SWITCH_KEY, ConsistentRead=True)
        .get("Item", {})
    )
    moved = item.get("at", {}).get("N")
    return Switch(
        active=bool(item.get("active", {}).get("BOOL", False)),
        reason=str(item.get("reason", {}).get("S", "")),
        at=None if moved is None else float(moved),
    )


def last_said(endpoint: Endpoint, deployment: Deployment) -> Said | None:
    """Return what `recover` said last, None where no signal has ever said lost; raises BotoCoreError or ClientError."""
    region = deployment.regions.secondary
    item = (
        endpoint.dynamodb(region)
        .get_item(TableName=deployment.names.takeover_table, Key=EVIDENCE_KEY, ConsistentRead=True)
        .get("Item", {})
    )
    text, at = item.get(SAID, {}).get("S"), item.get(SAID_AT, {}).get("N")
    return None if text is None or at is None else Said(text=text, at=float(at))


def canary_reached(endpoint: Endpoint, deployment: Deployment) -> bool:
    """Say whether the secondary's canary has ever reached both Regions; raises BotoCoreError or ClientError.

    Before that it sees nothing lost, and `recover` begins nothing.
    """
    client, table = endpoint.dynamodb(deployment.regions.secondary), deployment.names.takeover_table
    return all(
        REACHED_AT in client.get_item(TableName=table, Key=canary_key(region), ConsistentRead=True).get("Item", {})
        for region in deployment.regions.both
    )
