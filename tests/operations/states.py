"""A whole stage, and the same with something changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from operations.stage_state import LedgerMembers, RegionState, StageState

A, B = "us-east-1", "us-west-2"


def region(role: str, **values: Any) -> RegionState:
    whole = RegionState(
        role=role,
        api=f"https://{role}",
        healthy=True,
        heartbeat_age_seconds=30.0,
        iterator_age_seconds=0.5,
        ledger_answers=True if role == "primary" else None,
        mark_age_seconds={A: 4000.0, B: 4001.0} if role == "primary" else None,
        conflicts=0 if role == "primary" else None,
        alarms=(),
        backup_age_seconds=1800.0,
        copy_age_seconds=1900.0,
        code="c0de",
    )
    return replace(whole, **values)


STATE = StageState(
    stage="prod",
    account="123456789012",
    endpoint=None,
    seen_from=B,
    at=1_800_000_000.0,
    traffic=A,
    takeover=False,
    ledger=LedgerMembers(status="available", writer=A, members=(A, B)),
    plan="arn:plan",
    plan_evaluation="passed",
    quarantined=0,
    regions={A: region("primary"), B: region("secondary")},
)
LOST: dict[str, Any] = {"answers": False, "deployed": False, "healthy": False, "ledger_answers": None}


def changed(at: str | None = None, **values: Any) -> StageState:
    """The whole stage with values of its own, or of the Region `at`, changed."""
    if at is None:
        return replace(STATE, **values)
    return replace(STATE, regions={**STATE.regions, at: replace(STATE.regions[at], **values)})


def unread(*what: str) -> StageState:
    """The whole stage, of which something could not be read."""
    return replace(STATE, unread=dict.fromkeys(what, "AccessDenied"))
