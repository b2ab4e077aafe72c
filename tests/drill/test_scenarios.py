"""Every scenario, on one deployed stage: nothing acknowledged is lost, posted twice or missing anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from recovery.drill import SCENARIOS, Scenario
from tests.drill.conftest import failed

if TYPE_CHECKING:
    from collections.abc import Callable

ON_A_WHOLE_STAGE = [name for name, scenario in SCENARIOS.items() if scenario.both_regions and name != "automatic"]
"""The heartbeat alarm alone takes minutes: `make lifecycle` waits for it."""


@pytest.mark.parametrize("name", ON_A_WHOLE_STAGE)
def test_a_scenario_loses_nothing_and_returns_to_the_primary(
    name: str, drill: Callable[[Scenario], dict[str, Any]]
) -> None:
    report = drill(SCENARIOS[name])
    assert failed(report) == []
    assert report["acknowledged"] > 0
    assert report["lost"] == report["duplicated"] == report["ledger_missing"] == report["ledger_duplicated"] == 0
    # at these short intervals a busy machine may move clients once more: they came back, or never left
    visited: dict[int, list[str]] = {}
    for change in report["routing"]:
        visited.setdefault(change["client"], []).append(change["region"])
    left = [regions for regions in visited.values() if set(regions) != {"us-east-1"}]
    assert not left or any("us-east-1" in regions[1:] for regions in left)
    assert len(report["lag_samples"]) > 1
