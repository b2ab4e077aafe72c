"""Recovery points of backup vaults: MiniStack starts backup jobs, and its vaults hold nothing."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

from emulator import ministack
from emulator.ministack import get_account_id, get_region

_PATH = re.compile(r"/?backup-vaults/(?P<vault>[^/]+)/recovery-points(/(?P<point>.+?))?/?")
_POINTS: dict[tuple[str, str, str], dict[str, dict[str, Any]]] = {}


def install() -> None:
    """Keep a point for each backup job, list a vault's points and delete them; the rest is MiniStack's."""
    stock = ministack.BACKUP_HANDLE.value

    async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        if path.strip("/") == "backup-jobs" and method == "PUT":
            answer = await stock(method, path, headers, body, query)
            _keep(json.loads(body), answer)
            return answer
        match = _PATH.fullmatch(path)
        if match is None or method not in {"GET", "DELETE"}:
            return await stock(method, path, headers, body, query)
        points = _points(unquote(match["vault"]))
        if method == "DELETE" and match["point"]:
            points.pop(unquote(match["point"]), None)
            return 204, {}, b""
        if match["point"]:
            return await stock(method, path, headers, body, query)
        return 200, {"Content-Type": "application/json"}, json.dumps({"RecoveryPoints": list(points.values())}).encode()

    ministack.BACKUP_HANDLE.replace(handle_request)


def _points(vault: str) -> dict[str, dict[str, Any]]:
    return _POINTS.setdefault((get_account_id(), get_region(), vault), {})


def _keep(asked: dict[str, Any], answer: Any) -> None:
    status, _, body = answer
    arn = json.loads(body).get("RecoveryPointArn") if status == 200 else None  # noqa: PLR2004 - it was started
    if arn:
        point = {"RecoveryPointArn": arn, "ResourceArn": asked.get("ResourceArn", ""), "Status": "COMPLETED"}
        _points(asked["BackupVaultName"])[arn] = point
