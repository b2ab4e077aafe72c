"""Restore testing plans of AWS Backup and their selections, which MiniStack's lacks: kept and told.

Nothing runs them by the clock: a control begins their tests (`emulator/restore_api.py`).
"""

from __future__ import annotations

import json
import re
import time
from typing import Any
from urllib.parse import unquote

from contract.names import arn
from emulator import ministack
from emulator.ministack import get_account_id, get_region

_PATH = re.compile(r"/?restore-testing/plans(/(?P<plan>[^/]+)(/selections(/(?P<selection>[^/]+))?)?)?/?")
_PLAN, _SELECTION = "RestoreTestingPlan", "RestoreTestingSelection"
_KEPT: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
"""What each account has in a Region: a plan by its name, a selection by the plan's name and its own."""


def install() -> None:
    """Answer the calls that make, change, tell and delete them; lists are MiniStack's, which are empty."""
    stock = ministack.BACKUP_HANDLE.value

    async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        match = _PATH.fullmatch(path)
        answer = _answer(method, match, json.loads(body or b"{}")) if match else None
        return answer or await stock(method, path, headers, body, query)

    ministack.BACKUP_HANDLE.replace(handle_request)


def selections(region: str, plan: str) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Return the account, each selection and the plan itself of a Region's plan, nothing where there is none."""
    return [
        (account, each, kept[plan])
        for (account, place), kept in _KEPT.items()
        if place == region and plan in kept
        for name, each in kept.items()
        if name.startswith(f"{plan}/")
    ]


def _answer(method: str, match: re.Match[str], asked: dict[str, Any]) -> Any:
    kept = _KEPT.setdefault((get_account_id(), get_region()), {})
    plan, selection = (unquote(match[group] or "") for group in ("plan", "selection"))
    if method == "PUT":
        kind = next(iter({_PLAN, _SELECTION} & asked.keys()))
        settings = asked[kind]
        plan = plan or settings[f"{_PLAN}Name"]
        if kind == _SELECTION:
            selection = selection or settings[f"{_SELECTION}Name"]
        return _told(_keep(kept, plan, selection, settings))
    name = f"{plan}/{selection}" if selection else plan
    if name not in kept:
        return None
    if method == "DELETE":
        del kept[name]
        return 204, {"Content-Type": "application/json"}, b""
    return _told({_SELECTION if selection else _PLAN: kept[name]})


def _keep(kept: dict[str, dict[str, Any]], plan: str, selection: str, settings: dict[str, Any]) -> dict[str, Any]:
    plan_arn = arn("backup", f"restore-testing-plan:{plan}-embedded", region=get_region(), account=get_account_id())
    named = {f"{_PLAN}Name": plan, f"{_PLAN}Arn": plan_arn, "CreationTime": int(time.time())}
    if selection:
        named[f"{_SELECTION}Name"] = selection
    name = f"{plan}/{selection}" if selection else plan
    kept[name] = {**kept.get(name, {}), **settings, **named}
    return named


def _told(answer: dict[str, Any]) -> Any:
    return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()
