"""The exit status that a stage's state is worth."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from operations.status import verdict

A, B = "us-east-1", "us-west-2"


def region(role: str) -> dict[str, Any]:
    return {"role": role, "deployed": True, "healthy": True, "heartbeat_age_seconds": 30.0}


STATE: dict[str, Any] = {
    "takeover": False,
    "ledger": {"status": "available", "writer": A, "members": [A, B]},
    "quarantined": 0,
    "regions": {A: region("primary"), B: region("secondary")},
}
GONE = {"deployed": False, "healthy": False, "heartbeat_age_seconds": None}


def changed(at: str | None = None, **values: Any) -> dict[str, Any]:
    state = copy.deepcopy(STATE)
    (state if at is None else state["regions"][at]).update(values)
    return state


def test_a_whole_stage_is_healthy() -> None:
    assert verdict(STATE) == 0


@pytest.mark.parametrize(
    "state",
    [
        changed(A, **GONE),
        changed(A, healthy=False),
        changed(A, heartbeat_age_seconds=121.0),
        changed(takeover=True),
        changed(quarantined=1),
        changed(ledger={"status": "available", "writer": B}),
        changed(ledger={"status": "failing-over", "writer": A}),
        {**changed(B, **GONE), "takeover": None},
    ],
)
def test_a_stage_that_serves_and_is_not_as_deployed_is_degraded(state: dict[str, Any]) -> None:
    assert verdict(state) == 3


@pytest.mark.parametrize(
    "state",
    [
        changed(takeover=None),
        changed(ledger=None),
        changed(quarantined=None),
        changed(A, heartbeat_age_seconds=None),
        changed(regions={A: {**region("primary"), **GONE}, B: {**region("secondary"), "healthy": False}}),
    ],
)
def test_what_is_unknown_or_serves_nowhere_is_a_failure(state: dict[str, Any]) -> None:
    assert verdict(state) == 1


def test_a_stage_of_one_region_needs_no_switch_and_no_global_database() -> None:
    state = {"takeover": None, "ledger": None, "quarantined": 0, "regions": {A: region("primary")}}
    assert verdict(state) == 0
