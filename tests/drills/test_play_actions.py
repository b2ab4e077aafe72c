"""What may be done to a played stage, and how it is done."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, cast

import pytest

import drills.play.doing
from drills.history.lines import KINDS
from drills.play.actions import ACTIONS, NUMBER, REGION, SLOW_MILLISECONDS, Action, action_of
from drills.play.doing import MOVES, Doer
from drills.play.timeline import Timeline
from drills.play.words import event_of, words
from operations.deployment import Deployment, Regions
from operations.endpoint import Endpoint
from operations.errors import OperationError, WrongInputError
from tests.drills.played import PRIMARY, REGIONS, SECONDARY

if TYPE_CHECKING:
    from drills.embedded.control import Control

DEPLOYMENT = Deployment(stage="staging", regions=Regions(), parameters={})


class Recorder:
    """A control that notes what it is asked for, and refuses what it is told to."""

    def __init__(self, refuses: str = "") -> None:
        self.asked: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self._refuses = refuses

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any, **named: Any) -> int:
            if name == self._refuses:
                raise OperationError(f"{name} cannot be done")
            self.asked.append((name, arguments, named))
            return 1

        return call


def doer(control: Recorder, timeline: Timeline | None = None) -> Doer:
    endpoint = Endpoint("http://127.0.0.1:1")
    return Doer(endpoint, DEPLOYMENT, cast("Control", control), timeline or Timeline(), patience_seconds=1)


@pytest.mark.parametrize(
    ("asked", "action"),
    [
        ({"do": "load"}, Action(name="load", rate=20)),
        ({"do": "load", "with": "0"}, Action(name="load", rate=0)),
        ({"do": "load", "with": 50}, Action(name="load", rate=50)),
        ({"do": "lose", "with": PRIMARY}, Action(name="lose", region=PRIMARY)),
        ({"do": "partition"}, Action(name="partition", region=SECONDARY)),
        ({"do": "failover", "with": ""}, Action(name="failover", region=SECONDARY)),
        ({"do": "failover", "with": PRIMARY}, Action(name="failover", region=PRIMARY)),
        ({"do": "switchover"}, Action(name="switchover", region=SECONDARY)),
        ({"do": "failback", "with": None}, Action(name="failback")),
        ({"do": "mend"}, Action(name="mend")),
    ],
)
def test_an_action_is_read_with_what_it_needs(asked: dict[str, Any], action: Action) -> None:
    assert action_of(asked, REGIONS) == action


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "'' is nothing to do: give one of load,"),
        ({"do": "explode"}, "'explode' is nothing to do"),
        ({"do": ["lose"]}, "is nothing to do"),
        ({"do": "lose"}, f"lose needs a Region, and was given None: give {PRIMARY} or {SECONDARY}"),
        ({"do": "lose", "with": "eu-west-1"}, "was given 'eu-west-1'"),
        ({"do": "lose", "with": [PRIMARY]}, "lose needs a Region"),
        ({"do": "mend", "with": PRIMARY}, "mend takes nothing"),
        ({"do": "load", "with": "many"}, "load was given 'many': give a number from 0 to 200"),
        ({"do": "load", "with": 201}, "load was given 201"),
        ({"do": "load", "with": "nan"}, "load was given 'nan'"),
    ],
)
def test_what_is_no_action_is_refused_with_what_to_give(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(WrongInputError, match=r"give|leave") as refused:
        action_of(asked, REGIONS)
    assert message in str(refused.value)


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_is_an_event_of_a_history_that_says_what_was_asked_for(name: str) -> None:
    needs = ACTIONS[name][0]
    action = action_of({"do": name, "with": {REGION: PRIMARY, NUMBER: 7}.get(needs)}, REGIONS)
    event = event_of(action, at=5.0)
    assert type(event) in KINDS.values()
    assert words(event) == ("you", action.line)


@pytest.mark.parametrize(
    ("action", "asked"),
    [
        (Action(name="lose", region=PRIMARY), [("lose", (PRIMARY,), {})]),
        (Action(name="restore", region=PRIMARY), [("restore", (PRIMARY,), {})]),
        (Action(name="partition", region=SECONDARY), [("partition", (), {"on": True, "isolated": SECONDARY})]),
        (
            Action(name="slow", region=PRIMARY),
            [("add_fault", (), {"region": PRIMARY, "service": "execute-api", "delay_milliseconds": SLOW_MILLISECONDS})],
        ),
        (Action(name="mend"), [("partition", (), {"on": False}), ("remove_faults", (), {})]),
    ],
)
def test_a_fault_is_asked_of_the_control_and_noted(action: Action, asked: list[Any]) -> None:
    control, timeline = Recorder(), Timeline()
    assert doer(control, timeline).do(action) == [action.line]
    assert control.asked == asked
    assert [(each.kind, each.text) for each in timeline.entries] == [("you", action.line)]


def test_what_fails_is_noted_with_its_reason() -> None:
    timeline = Timeline()
    with pytest.raises(OperationError, match="lose cannot be done"):
        doer(Recorder(refuses="lose"), timeline).do(Action(name="lose", region=PRIMARY))
    assert [each.kind for each in timeline.entries] == ["you", "failed"]


def test_a_move_keeps_another_one_out_until_it_has_ended_and_keeps_no_fault_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moving, go_on = threading.Event(), threading.Event()

    def fail_back(*_: Any, say: Any, **__: Any) -> None:
        moving.set()
        say("half way")
        assert go_on.wait(10)

    monkeypatch.setattr(drills.play.doing, "fail_back", fail_back)
    control = Recorder()
    player = doer(control)
    said: list[str] = []
    thread = threading.Thread(target=lambda: said.extend(player.do(Action(name="failback"))))
    thread.start()
    assert moving.wait(10)
    assert player.busy == "fail back"
    with pytest.raises(OperationError, match="fail back is under way: wait until it has ended"):
        player.do(Action(name="failover", region=SECONDARY))
    player.do(Action(name="restore", region=PRIMARY))
    go_on.set()
    thread.join(10)
    assert control.asked == [("restore", (PRIMARY,), {})]
    assert said == ["half way"]
    after: str | None = player.busy
    assert after is None


@pytest.mark.parametrize(("name", "ask"), [("failover", [SECONDARY]), ("switchover", None)])
def test_a_forced_move_asks_nothing_of_the_region_that_it_leaves(
    name: str, ask: list[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def find_deployment(*_: Any, ask: Any) -> Deployment:
        asked.append(ask)
        return DEPLOYMENT

    def fail_over(*_: Any, planned: bool, to: str, **__: Any) -> bool:
        asked.append((planned, to))
        return False

    monkeypatch.setattr(drills.play.doing, "find_deployment", find_deployment)
    monkeypatch.setattr(drills.play.doing, "fail_over", fail_over)
    said = doer(Recorder()).do(action_of({"do": name}, REGIONS))
    expected: list[Any] = [ask, (name == "switchover", SECONDARY)]
    assert asked == expected
    assert "left to do" in said[-1]
    assert name in MOVES
