"""A drill says before the loss when its machine does not keep up with the rate."""

from __future__ import annotations

import pytest

from drills.measure.pace import warning


@pytest.mark.parametrize(("acknowledged", "rate"), [(1_000, 100), (901, 100), (5, 0.5)])
def test_nothing_is_said_where_the_machine_keeps_up(acknowledged: int, rate: float) -> None:
    assert warning(acknowledged, seconds=10, rate=rate) is None


def test_the_rate_that_is_taken_is_named_and_a_lower_one_to_ask_for() -> None:
    said = warning(750, seconds=10, rate=100)
    assert said is not None
    assert said.startswith("this machine takes 75 transactions a second of the 100 that are sent")
    assert said.endswith("use --rate 67")


def test_the_rate_to_ask_for_is_never_none() -> None:
    assert "use --rate 1" in str(warning(0, seconds=10, rate=100))
