"""What `recover` tells of being ready, beside what it decides."""

from __future__ import annotations

from typing import Any

import pytest

from tandem_runtime.recover.readiness import readiness


class Beats:
    def __init__(self, **versions: str) -> None:
        self.versions = versions

    def version(self, region: str) -> str:
        return self.versions.get(region, "")


class Plan:
    def __init__(self, state: str) -> None:
        self.state = state

    def get_plan_evaluation_status(self, **_: Any) -> dict[str, str]:
        if self.state == "away":
            raise OSError
        return {"evaluationState": self.state}


def told(beats: Beats, plan: Plan | None = None) -> dict[str, float]:
    plan_arn = "arn:plan" if plan else None
    return readiness(beats, ["a", "b"], plan, plan_arn, errors=(OSError,), warn=lambda _: None)


def test_versions_that_differ_are_told_and_equal_ones_too() -> None:
    assert told(Beats(a="1", b="2")) == {"VersionsDiffer": 1.0}
    assert told(Beats(a="1", b="1")) == {"VersionsDiffer": 0.0}


def test_a_region_that_never_named_its_version_is_not_compared() -> None:
    assert told(Beats(a="1")) == {}


@pytest.mark.parametrize(("state", "level"), [("actionRequired", 1.0), ("passed", 0.0), ("pendingEvaluation", 0.0)])
def test_a_plan_that_needs_action_is_told(state: str, level: float) -> None:
    assert told(Beats(), Plan(state)) == {"PlanNeedsAction": level}


def test_what_aws_does_not_tell_is_left_out_and_fails_nothing() -> None:
    assert told(Beats(a="1", b="1"), Plan("away")) == {"VersionsDiffer": 0.0}
