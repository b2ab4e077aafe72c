"""A Region that returns in time: what `recover` said is judged, and only what it said during the drill."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from drills.history.events import DrillBegan
from drills.scenarios import phases, returning, unattended
from operations.recovery_evidence import Said

BEGAN = datetime(2026, 11, 26, 12, tzinfo=UTC)


def judged(said: Said | None, monkeypatch: pytest.MonkeyPatch) -> bool:
    observed: list[bool] = []
    monkeypatch.setattr(returning, "last_said", lambda *_: said)
    context: Any = SimpleNamespace(
        endpoint=None,
        deployment=None,
        history=SimpleNamespace(of=lambda kind: [SimpleNamespace(began=BEGAN)] if kind is DrillBegan else []),
        observe=lambda _name, *, passed, detail: observed.append(passed and bool(detail)),
    )
    returning.recover_declined(context)
    [passed] = observed
    return passed


@pytest.mark.parametrize(
    ("text", "after", "passed"),
    [
        ("declined: the canary sees the primary alive", 90.0, True),
        ("began database failover", 90.0, False),
        ("declined: the canary sees the primary alive", -90.0, False),
        (None, 0.0, False),
    ],
    ids=["declined", "began", "declined before the drill", "said nothing"],
)
def test_recover_must_have_declined_during_the_drill(
    text: str | None,
    after: float,
    passed: bool,  # noqa: FBT001 - a case
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = None if text is None else Said(text=text, at=BEGAN.timestamp() + after)
    assert judged(said, monkeypatch) is passed


def test_both_scenarios_wait_for_the_canary_so_that_the_recovery_drills_run_them() -> None:
    for scenario in returning.RETURNING:
        assert scenario.steps[0] is unattended.canary_has_reached_both
        assert phases.restore_primary in scenario.steps


def test_a_region_that_flickers_is_lost_twice_for_less_than_recover_needs() -> None:
    assert returning.FLICKERING.steps.count(phases.lose_primary) == 2
    assert 90 < returning.BELOW_SECONDS < 90 + 60
