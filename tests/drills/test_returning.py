"""A Region that returns in time: it is away for less than `recover` needs, twice, or until `recover` has begun."""

from __future__ import annotations

from drills.scenarios import phases, returning, unattended


def test_both_scenarios_wait_for_the_canary_so_that_the_recovery_drills_run_them() -> None:
    for scenario in returning.RETURNING:
        assert scenario.steps[0] is unattended.canary_has_reached_both
        assert phases.restore_primary in scenario.steps


def test_a_region_that_flickers_is_lost_twice_for_less_than_recover_needs() -> None:
    assert returning.FLICKERING.steps.count(phases.lose_primary) == 2
    assert 90 < returning.BELOW_SECONDS < 90 + 60
