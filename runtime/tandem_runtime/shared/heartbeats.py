"""The probe of the local journal replica, and heartbeats."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from contract.operational import heartbeat_key
from contract.tables import EXPIRES_AT, PARTITION_KEY
from tandem_runtime.shared.backoff import pauses

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Heartbeats", "probe"]

_HEARTBEAT_TTL_SECONDS = 7 * 24 * 3600
_PROBE_TRIES = 3
_FIRST_PAUSE_SECONDS = 0.02
"""Three tries and their pauses stay well below the second in which a health check is to be answered."""


def probe(
    dynamodb: Any, table: str, *, region: str, strong: bool, now: float, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Write and read `region`'s own probe item; raises what DynamoDB raises.

    An isolated replica of a strongly consistent table refuses both, and DNS must then move. The item is the Region's
    own because a strong table refuses writes of one item that meet in two Regions (DynamoDB Developer Guide,
    multi-Region strong consistency), which says nothing about either Region; such a refusal is tried again.
    """
    key = {PARTITION_KEY: {"S": f"probe#health#{region}"}}
    for pause in [*pauses(tries=_PROBE_TRIES, first=_FIRST_PAUSE_SECONDS, most=_FIRST_PAUSE_SECONDS * 2), None]:
        try:
            dynamodb.put_item(TableName=table, Item={**key, "at": {"N": repr(now)}})
        except dynamodb.exceptions.ClientError as error:
            if pause is None or error.response["Error"]["Code"] != "ReplicatedWriteConflictException":
                raise
            sleep(pause)
        else:
            break
    dynamodb.get_item(TableName=table, Key=key, ConsistentRead=strong)


class Heartbeats:
    """One item per Region in the operational table, which replicates: its age elsewhere is the replication lag."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def beat(self, region: str, now: float, *, endpoint: str) -> None:
        """Say that `region` was alive at `now` (epoch seconds), and where its API answers if that is known."""
        update = f"SET #at = :at, {EXPIRES_AT} = :expires"
        values: dict[str, Any] = {":at": {"N": repr(now)}, ":expires": {"N": str(int(now) + _HEARTBEAT_TTL_SECONDS)}}
        if endpoint:
            update += ", endpoint = :endpoint"
            values[":endpoint"] = {"S": endpoint}
        self._dynamodb.update_item(
            TableName=self._table,
            Key=heartbeat_key(region),
            UpdateExpression=update,
            ExpressionAttributeNames={"#at": "at"},
            ExpressionAttributeValues=values,
        )

    def latest(self, region: str) -> float | None:
        """When `region` was last alive, as seen from here."""
        item = self._read(region)
        return float(item["at"]["N"]) if item else None

    def endpoint(self, region: str) -> str:
        """Where `region`'s API answers, as its heartbeat says; empty when it never said."""
        return str(self._read(region).get("endpoint", {}).get("S", ""))

    def _read(self, region: str) -> dict[str, Any]:
        answer = self._dynamodb.get_item(TableName=self._table, Key=heartbeat_key(region))
        item: dict[str, Any] = answer.get("Item", {})
        return item
