from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.functions import environment, load

if TYPE_CHECKING:
    from collections.abc import Callable

    Invoke = Callable[[str, Any], dict[str, Any]]

PLAN = "arn:aws:arc-region-switch::111122223333:plan/tandem-prod:a1b2c3"
WEST, EAST = "us-west-2", "us-east-1"


class Table:
    """The switch's one item."""

    def __init__(self) -> None:
        self.item: dict[str, Any] = {}
        self.writes = 0

    def put_item(self, *, Item: dict[str, Any], **_: object) -> None:  # noqa: N803 - DynamoDB's names
        self.item = Item
        self.writes += 1

    def get_item(self, **_: object) -> dict[str, Any]:
        return {"Item": self.item} if self.item else {}


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def invoke(table: Table, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Invoke the function in a Region."""

    def run(region: str, event: Any) -> dict[str, Any]:
        role = "secondary" if region == WEST else "primary"
        for name, value in environment(region=region, role=role).items():
            monkeypatch.setenv(name, value)
        module = load("tandem_runtime.takeover.handler")
        asked: set[str] = set()

        def client(_service: str, of: str) -> Table:
            asked.add(of)
            return table

        monkeypatch.setattr(module, "client", client)
        answer: dict[str, Any] = module.handler(event, None)
        assert asked == {WEST}
        return answer

    return run


def plan_event(step: str) -> dict[str, str]:
    return {"InvokedBy": "arc-region-switch", "PlanArn": PLAN, "ExecutionId": "e", "StepName": step}


def told(answer: dict[str, Any]) -> tuple[bool, str]:
    return answer["active"], answer["reason"]


def test_the_known_actions_set_release_and_tell(invoke: Invoke, table: Table) -> None:
    assert told(invoke(WEST, {"action": "set", "reason": "drill"})) == (True, "drill")
    assert told(invoke(WEST, {"action": "status", "reason": "status"})) == (True, "drill")
    assert told(invoke(WEST, {"action": "release"})) == (False, "direct invocation")
    assert table.writes == 2


def test_the_time_at_which_the_switch_was_last_moved_is_told(invoke: Invoke, table: Table) -> None:
    assert invoke(WEST, {"action": "status"})["at"] is None
    before = time.time()
    moved = invoke(WEST, {"action": "set"})["at"]
    assert before <= moved <= time.time()
    assert invoke(WEST, {"action": "status"})["at"] == moved
    assert table.writes == 1


def test_the_steps_of_a_plan_set_and_release_the_switch(invoke: Invoke) -> None:
    assert told(invoke(WEST, plan_event("set-takeover"))) == (True, PLAN)
    assert told(invoke(EAST, plan_event("release-takeover"))) == (False, PLAN)


@pytest.mark.parametrize("region", [WEST, EAST])
@pytest.mark.parametrize(
    "event",
    [
        {},
        {"key1": "value1", "key2": "value2", "key3": "value3"},
        {"action": "Set"},
        {"action": "sett"},
        {"action": ""},
        {"action": None},
        {"action": ["set"]},
        {"action": {"set": True}},
        {"acton": "release"},
        {"PlanArn": PLAN},
        {"StepName": "set-takeover"},
        {"planArn": PLAN, "StepName": "set-takeover"},
        {"action": "sett", **plan_event("set-takeover")},
        plan_event("verify-ledger"),
        plan_event("Set-Takeover"),
        {"version": "0", "source": "aws.events", "detail-type": "Scheduled Event", "detail": {}},
    ],
)
def test_anything_else_is_refused_in_one_line_and_moves_nothing(
    region: str, event: dict[str, Any], invoke: Invoke, table: Table
) -> None:
    with pytest.raises(ValueError, match="is nothing that takeover does, and nothing was changed") as refusal:
        invoke(region, event)
    assert "\n" not in str(refusal.value)
    assert table.writes == 0


def test_only_its_own_route_says_that_the_secondary_has_taken_over(
    invoke: Invoke,
) -> None:
    assert invoke(WEST, {"routeKey": "GET /takeover"})["statusCode"] == 404
    invoke(WEST, {"action": "set"})
    assert invoke(WEST, {"routeKey": "GET /takeover"})["statusCode"] == 200
    assert invoke(WEST, {"routeKey": "$default", "action": "release"})["statusCode"] == 404
    assert invoke(WEST, {"routeKey": "GET /takeover", "action": "release"})["statusCode"] == 200
