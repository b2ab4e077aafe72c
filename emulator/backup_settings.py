"""AWS Backup's Region settings, which MiniStack's Backup lacks: kept, and told again."""

from __future__ import annotations

import json
from typing import Any

from emulator import ministack
from emulator.ministack import get_account_id, get_region

_SETTINGS: dict[tuple[str, str], dict[str, Any]] = {}


def install() -> None:
    """Answer UpdateRegionSettings and DescribeRegionSettings."""
    stock = ministack.BACKUP_HANDLE.value

    async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        if path.strip("/") != "account-settings":
            return await stock(method, path, headers, body, query)
        settings = _SETTINGS.setdefault((get_account_id(), get_region()), {})
        if method == "PUT":
            for name, preferences in json.loads(body or b"{}").items():
                settings.setdefault(name, {}).update(preferences)
            return 200, {"Content-Type": "application/json"}, b"{}"
        return 200, {"Content-Type": "application/json"}, json.dumps(settings).encode()

    ministack.BACKUP_HANDLE.replace(handle_request)
