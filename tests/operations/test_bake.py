"""What a deployment is watched for, and what it is not stopped by."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from operations.bake import EVERY_SECONDS, SETTLES_SECONDS, bake
from operations.clock import Clock
from operations.errors import OperationError
from tests.operations.states import STATE, A, B, changed

if TYPE_CHECKING:
    from operations.stage_state import StageState


class Time:
    """A clock that stands still unless somebody sleeps."""

    def __init__(self) -> None:
        self.at = 0.0

    def sleep(self, seconds: float) -> None:
        self.at += seconds

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.at, sleep=self.sleep)


def watched(*states: StageState, seconds: float = 300) -> tuple[str | None, float, list[str]]:
    """Show these states, the last one for ever; return what went wrong, when, and what was said."""
    time, said, left = Time(), list[str](), list(states)
    wrong = bake(lambda: left.pop(0) if len(left) > 1 else left[0], seconds=seconds, say=said.append, clock=time.clock)
    return wrong, time.at, said


def test_a_stage_that_stays_well_bakes_as_long_as_asked_and_says_so_once() -> None:
    assert watched(STATE) == (None, 300.0, ["healthy"])


def test_an_alarm_that_rings_ends_it_and_one_that_is_only_new_does_not() -> None:
    wrong, at, _ = watched(changed(B, starting=("new",)), changed(B, alarms=("ApiErrors",)))
    assert (wrong, at) == (f"in ALARM: ApiErrors in {B}", EVERY_SECONDS)
    assert watched(changed(B, starting=("new",)))[0] is None


def test_regions_that_run_different_code_are_no_reason_to_stop_a_rollout() -> None:
    wrong, _, said = watched(changed(A, code="other"))
    assert wrong is None
    assert "different code" in said[0]


def test_a_stage_that_fails_or_that_nobody_can_ask_ends_it() -> None:
    silent = {name: replace(known, healthy=False, heartbeat_age_seconds=300.0) for name, known in STATE.regions.items()}
    assert str(watched(replace(STATE, regions=silent))[0]).startswith("failed:")

    def away() -> StageState:
        raise OperationError("no Region answered")

    assert bake(away, seconds=60, say=lambda _: None, clock=Time().clock) == "no Region answered"


def test_a_stage_that_was_just_deployed_may_be_unknown_until_it_has_settled() -> None:
    new = changed(B, heartbeat_age_seconds=None)
    assert watched(new, STATE)[0] is None
    wrong, at, _ = watched(new)
    assert (str(wrong).startswith("unknown: heartbeat"), at) == (True, SETTLES_SECONDS)
