"""Rules of a lost Region reach nobody."""

from __future__ import annotations

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from ministack.core.responses import request_scope
from ministack.services import eventbridge

from emulator import schedules
from tests.emulator.running import EAST, WEST


def test_a_rule_of_a_lost_region_invokes_no_target(monkeypatch: pytest.MonkeyPatch) -> None:
    invoked: list[str] = []
    monkeypatch.setattr(eventbridge, "_invoke_target", lambda target, *_: invoked.append(target))
    schedules.install(lambda region: region == EAST)
    for region in (EAST, WEST):
        with request_scope("000000000000", region):
            eventbridge._invoke_target(region, {}, {}, None)  # noqa: SLF001 - where its clock and its events meet
    assert invoked == [WEST]
