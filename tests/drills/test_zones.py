"""The zone that settings import stands in the embedded account before the stage is deployed there."""

from __future__ import annotations

from typing import Any

import pytest

from drills.embedded.zones import imported_zone, make_imported_zone

IMPORTED = {"name": "a.net", "zone": "imported", "hosted_zone_id": "Z1234"}
CHILD = {"name": "b.a.net", "zone": "child", "hosted_zone_id": "Z1234", "parent_name": "a.net"}


class Control:
    """Keeps which zones were asked for."""

    def __init__(self) -> None:
        self.made: list[tuple[str, str]] = []

    def make_zone(self, zone_id: str, name: str) -> None:
        self.made.append((zone_id, name))


@pytest.mark.parametrize("domain", [IMPORTED, CHILD])
def test_an_imported_zone_is_made_with_its_id_and_a_childs_parent_with_its_own_name(domain: dict[str, Any]) -> None:
    control = Control()
    make_imported_zone(control, {"domain": domain})  # type: ignore[arg-type]
    assert control.made == [("Z1234", "a.net")]


@pytest.mark.parametrize("settings", [{}, {"domain": {"name": "a.net"}}, {"domain": "a.net"}])
def test_a_stage_that_makes_its_own_zone_or_has_none_needs_nothing_before(settings: dict[str, Any]) -> None:
    assert imported_zone(settings) is None
