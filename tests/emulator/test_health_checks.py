"""States of health checks, by a clock and results that the test gives."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.route53.health_checks import HealthChecks

ENDPOINT = {"Type": "HTTPS", "RequestInterval": 10, "FailureThreshold": 3}


def checks(scale: float = 1.0, **configurations: dict[str, Any]) -> HealthChecks:
    return HealthChecks(lambda: configurations, lambda _config: True, interval_scale=scale)


def feed(given: HealthChecks, check: str, results: str) -> str:
    """Observe results, `+` for passed, and return the state after each, `+` for healthy."""
    given.due(0)
    states = ""
    for result in results:
        given.observe(check, passed=result == "+")
        states += "+" if given.healthy(check) else "-"
    return states


def test_a_check_starts_healthy_and_an_inverted_one_unhealthy() -> None:
    given = checks(a=ENDPOINT, b={**ENDPOINT, "Inverted": True})
    assert given.healthy("a")
    assert not given.healthy("b")


def test_as_many_opposite_results_in_a_row_as_the_threshold_flip_it() -> None:
    given = checks(a=ENDPOINT)
    assert feed(given, "a", "--+---++-+++") == "+++++------+"


def test_an_inverted_check_is_healthy_while_its_endpoint_fails() -> None:
    given = checks(a={**ENDPOINT, "Inverted": True})
    assert feed(given, "a", "---") == "--+"


def test_a_calculated_check_counts_its_healthy_children() -> None:
    given = checks(
        a=ENDPOINT,
        b={**ENDPOINT, "Inverted": True},
        both={"Type": "CALCULATED", "HealthThreshold": 2, "ChildHealthChecks": ["a", "b"]},
        any={"Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": ["a", "b"]},
    )
    assert (given.healthy("both"), given.healthy("any")) == (False, True)
    feed(given, "b", "---")
    assert (given.healthy("both"), given.healthy("any")) == (True, True)
    feed(given, "a", "---")
    assert (given.healthy("both"), given.healthy("any")) == (False, True)


@pytest.mark.parametrize(("inverted", "healthy"), [(False, True), (True, False)])
def test_a_disabled_check_is_healthy_whatever_it_asked(*, inverted: bool, healthy: bool) -> None:
    given = checks(a={**ENDPOINT, "Disabled": True, "Inverted": inverted})
    assert given.due(0) == []
    assert given.healthy("a") is healthy


def test_a_check_that_is_not_there_or_its_own_child_is_unhealthy() -> None:
    given = checks(a={"Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": ["a", "gone"]})
    assert not given.healthy("gone")
    assert not given.healthy("a")


def test_an_endpoint_is_asked_once_per_scaled_interval_and_never_twice_at_once() -> None:
    given = checks(0.1, a=ENDPOINT)
    assert given.due(0) == ["a"]
    assert given.due(1.5) == []
    given.observe("a", passed=True)
    assert given.due(0.9) == []
    assert given.due(1.5) == ["a"]
    assert given.report()["a"]["interval_seconds"] == 1.0
