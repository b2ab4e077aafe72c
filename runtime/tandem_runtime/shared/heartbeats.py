"""When each Region was last alive, as it is seen from here."""

from __future__ import annotations

from typing import Any

from contract.operational import heartbeat_key
from contract.tables import EXPIRES_AT


class Heartbeats:
    """One item per Region in the operational table, which replicates: its age elsewhere is the replication lag.

    It never expires: how long a Region has been silent is told by it, however long that is.
    """

    def __init__(self, dynamodb: Any, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def beat(self, region: str, now: float, *, endpoint: str, version: str | None = None) -> None:
        """Say that `region` was alive at `now` (epoch seconds), where its API answers, and what it runs, if known."""
        update, values = "SET #at = :at", {":at": {"N": repr(now)}}
        if endpoint:
            update += ", endpoint = :endpoint"
            values[":endpoint"] = {"S": endpoint}
        names = {"#at": "at"}
        if version:
            update += ", #version = :version"
            names["#version"] = "version"
            values[":version"] = {"S": version}
        update += f" REMOVE {EXPIRES_AT}"  # an earlier release had set it
        self._dynamodb.update_item(
            TableName=self._table,
            Key=heartbeat_key(region),
            UpdateExpression=update,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
        )

    def latest(self, region: str) -> float | None:
        """When `region` was last alive, as seen from here."""
        item = self._read(region)
        return float(item["at"]["N"]) if item else None

    def endpoint(self, region: str) -> str:
        """Where `region`'s API answers, as its heartbeat says; empty when it never said."""
        return str(self._read(region).get("endpoint", {}).get("S", ""))

    def version(self, region: str) -> str:
        """What `region` runs, as its heartbeat says; empty when it never said."""
        return str(self._read(region).get("version", {}).get("S", ""))

    def _read(self, region: str) -> dict[str, Any]:
        answer = self._dynamodb.get_item(TableName=self._table, Key=heartbeat_key(region))
        item: dict[str, Any] = answer.get("Item", {})
        return item
