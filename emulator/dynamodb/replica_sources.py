"""A table whose Region has been the source of a replica is not deleted within a day while a replica is left.

DynamoDB refuses it in these words (github.com/go-to-k/cdkd, issue 1442, shows them). It takes the deletion once the
other replicas are gone, which is how CloudFormation deletes a global table.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from emulator import ministack
from emulator.ministack import get_account_id, get_region

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SECONDS = 24 * 3600
MESSAGE = (
    "Replica cannot be deleted because it has acted as a source region for new replica(s) being added to the table in "
    "the last 24 hours."
)


class ReplicaSources:
    """Which tables have been the source of a replica, and when."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._since: dict[tuple[str, str, str], float] = {}

    def install(self) -> None:
        """Stand in front of the tables' control plane."""
        stock = ministack.DYNAMODB_HANDLE.value

        async def handle(
            method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
        ) -> Any:
            operation = headers.get("x-amz-target", "").rpartition(".")[2]
            if operation not in ("DeleteTable", "UpdateTable"):
                return await stock(method, path, headers, body, query)
            request = _read(body)
            if operation == "DeleteTable" and self.refuses(_name(request)):
                return ministack.RESPONSES_JSON_ERROR.value("ValidationException", MESSAGE, 400)
            answer = await stock(method, path, headers, body, query)
            updates = request.get("ReplicaUpdates") or []
            if answer[0] < 300 and any("Create" in each for each in updates):  # noqa: PLR2004 - HTTP success
                self._since[self._key(_name(request))] = self._clock()
            return answer

        ministack.DYNAMODB_HANDLE.replace(handle)

    def refuses(self, name: str) -> bool:
        """Whether the table of this name in the request's Region may not be deleted now."""
        since = self._since.get(self._key(name))
        table = ministack.DYNAMODB_TABLES.value.get(name)
        if since is None or table is None or self._clock() - since >= SECONDS:
            return False
        return any(region != get_region() for region in ministack.DYNAMODB_REPLICAS.value(table))

    def _key(self, name: str) -> tuple[str, str, str]:
        return get_account_id(), get_region(), name


def _read(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return {}  # MiniStack says what is wrong with it
    return request if isinstance(request, dict) else {}


def _name(request: Mapping[str, Any]) -> str:
    return str(request.get("TableName", "")).rpartition("/")[2]
