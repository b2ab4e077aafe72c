"""What a scenario looked at is judged from the history alone: each such check holds, fails, or is unknown there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from drills.history.derived import result_of
from drills.history.events import Acknowledged, DrillBegan, Event, Failed, Faulted, PhaseEnded, Promoted
from drills.history.seen import (
    STREAMS,
    BacklogSeen,
    ConflictsSent,
    ConflictsSettled,
    FailoverKilled,
    FailuresAsked,
    FaultsCounted,
    FloodEnded,
    LedgerRestored,
    LedgerSilenceAsked,
    PlanWatched,
    RacesSent,
    RecoverHeard,
    ServedByOne,
    ServedBySides,
    SilenceAsked,
    StackDeployed,
    StackDestroyed,
    SwitchSeen,
    WriterSeen,
)
from drills.report import build_report
from drills.verdict.checks import Verdict
from drills.verdict.game_day import JUDGES as OF_A_GAME_DAY
from drills.verdict.observed import JUDGES, observed
from tests.drills.recorded import BEGAN, A, B
from tests.drills.recorded_scenarios import LOOKED, SCENARIOS_AND_KILLS, SEEN, STRUCK, scenario_history

if TYPE_CHECKING:
    from collections.abc import Callable

OF_SCENARIOS = set(JUDGES) - set(OF_A_GAME_DAY)
"""What drills look at; `tests/drills/test_game_day.py` judges a game day's."""
SIDES = ("partition", "isolated-primary")


def judged(event: Event, before: list[Event] | None = None, *, strong: bool = False) -> list[Verdict]:
    """Return what is judged of an event that comes after these, those of a region loss unless others are given."""
    whole = scenario_history("region-loss", strong=strong)
    began = next(each for each in whole if isinstance(each, DrillBegan))
    past = [each for each in whole if each.at < LOOKED] if before is None else before
    return [check.verdict for check in observed([*past, event], began)]


@pytest.mark.parametrize("strong", [False, True], ids=["eventual", "strong"])
@pytest.mark.parametrize("name", SCENARIOS_AND_KILLS)
def test_a_drill_in_which_everything_held_passes_whatever_the_scenario(name: str, *, strong: bool) -> None:
    report = build_report(result_of(scenario_history(name, strong=strong)))
    assert [check for check in report["checks"] if not check["passed"]] == []
    assert report["verdict"] == "passed"


def test_every_kind_of_event_that_is_looked_at_is_judged() -> None:
    assert {type(event) for event in SEEN} == OF_SCENARIOS
    in_scenarios = {type(event) for name in SCENARIOS_AND_KILLS for event in scenario_history(name)}
    assert OF_SCENARIOS - in_scenarios <= {RacesSent}


FAILING: dict[str, Event] = {
    "a fault struck nothing": FaultsCounted(at=LOOKED, faults=(STRUCK, {**STRUCK, "struck": 0})),
    "the writer moved": WriterSeen(at=LOOKED, region=B),
    "the ledger was complete": BacklogSeen(at=LOOKED, region=A, acknowledged=70, lacked=0),
    "the ledger held nothing": BacklogSeen(at=LOOKED, region=A, acknowledged=70, lacked=70),
    "a restored ledger lacks rows": LedgerRestored(at=LOOKED, acknowledged=7, lacked=2, left=1, read=7, inserted=1),
    "a flood was served": FloodEnded(at=LOOKED, since=9.0, statuses={"200": 1}, strayed=0, unhealthy=0, asked=()),
    "a client strayed": FloodEnded(at=LOOKED, since=9.0, statuses={"429": 1}, strayed=1, unhealthy=0, asked=()),
    "a check minded": FloodEnded(at=LOOKED, since=9.0, statuses={"429": 1}, strayed=0, unhealthy=1, asked=()),
    "it ended by itself": FailoverKilled(at=LOOKED, stopped=True, status=0, switch=True, writer=A),
    "it was killed elsewhere": FailoverKilled(at=LOOKED, stopped=False, status=-9, switch=True, writer=A),
    "traffic had not moved": FailoverKilled(at=LOOKED, stopped=True, status=-9, switch=False, writer=A),
    "the writer had moved": FailoverKilled(at=LOOKED, stopped=True, status=-9, switch=True, writer=B),
    "the switch was released": SwitchSeen(at=LOOKED, is_set=False),
    "recover began": RecoverHeard(at=LOOKED, text="began database failover", said_at=BEGAN.timestamp() + 90),
    "no plan ran": PlanWatched(at=LOOKED, states=()),
    "the plan ran twice": PlanWatched(at=LOOKED, states=("completed", "completed")),
    "one side refused": ServedBySides(at=LOOKED, since=12.0),
    "the other one served": ServedByOne(at=LOOKED, since=12.0, moved=13.0, writer=A),
    "a side refused a conflict": ConflictsSent(at=LOOKED, answers=(("0", "0"), ("1", None))),
    "two ids for one race": RacesSent(at=LOOKED, answers=(("0", "0"), ("1", "2"))),
    "a race was lost": RacesSent(at=LOOKED, answers=(("0", None),)),
    "it joined an empty stage": StackDeployed(at=LOOKED, stack="s", since=0.0),
    "its API stayed": StackDestroyed(at=LOOKED, stack="s", api_known=True),
}


@pytest.mark.parametrize("event", FAILING.values(), ids=FAILING)
def test_a_scenarios_check_fails_where_what_was_seen_says_so(event: Event) -> None:
    assert Verdict.FAILED in judged(event)


def test_each_check_of_what_was_seen_has_a_history_in_which_it_fails() -> None:
    asked_of_the_past = {SilenceAsked, LedgerSilenceAsked, FailuresAsked, ConflictsSettled}
    assert {type(event) for event in FAILING.values()} | asked_of_the_past == OF_SCENARIOS


def test_a_request_that_failed_before_it_was_asked_fails_and_one_after_does_not() -> None:
    asked = FailuresAsked(at=LOOKED)
    failure = Failed(at=10.0, key="1", kind="status 500")
    assert judged(asked, [failure]) == [Verdict.FAILED]
    began = next(each for each in scenario_history("rollout") if isinstance(each, DrillBegan))
    assert [check.verdict for check in observed([asked, failure], began)] == [Verdict.PASSED]


def test_a_conflict_that_was_never_settled_fails() -> None:
    sent = ConflictsSent(at=LOOKED, answers=(("0", "0"), ("1", "1")))
    assert judged(ConflictsSettled(at=LOOKED, ids=("0",)), [sent])[-1] is Verdict.FAILED
    assert judged(ConflictsSettled(at=LOOKED, ids=("0", "1")), [sent])[-1] is Verdict.PASSED


def test_a_silence_beyond_what_connecting_takes_fails() -> None:
    silent = [PhaseEnded(at=4.0, name="warm up"), Acknowledged(at=5.0, key="1", id="1", region=A)]
    assert judged(SilenceAsked(at=LOOKED, name="n"), silent) == [Verdict.FAILED]
    waited = [Faulted(at=1.0, what="d", region=A, outage=True), Promoted(at=9.0, region=B)]
    assert judged(LedgerSilenceAsked(at=LOOKED), waited) == [Verdict.FAILED]


UNKNOWN: dict[str, Event] = {
    "no phase had ended": SilenceAsked(at=LOOKED, name="n"),
    "no ledger was lost": LedgerSilenceAsked(at=LOOKED),
    "no fault was there": FaultsCounted(at=LOOKED, faults=()),
    "recover said nothing": RecoverHeard(at=LOOKED, text=None, said_at=None),
    "recover declined before the drill": RecoverHeard(
        at=LOOKED, text="declined: the canary sees the primary alive", said_at=BEGAN.timestamp() - 90
    ),
    "the copy lacked nothing": LedgerRestored(at=LOOKED, acknowledged=7, lacked=0, left=0, read=7, inserted=0),
    "a flood got no answer": FloodEnded(at=LOOKED, since=9.0, statuses={}, strayed=0, unhealthy=0, asked=()),
    "no conflict was sent": ConflictsSent(at=LOOKED, answers=()),
    "no conflict was there to settle": ConflictsSettled(at=LOOKED, ids=()),
    "no race was sent": RacesSent(at=LOOKED, answers=()),
}


@pytest.mark.parametrize("event", UNKNOWN.values(), ids=UNKNOWN)
def test_what_shows_nothing_is_unknown_and_so_is_the_drill(event: Event) -> None:
    assert judged(event, [])[0] is Verdict.UNKNOWN
    held = scenario_history("flood")
    without = [each for each in held if not isinstance(each, (PhaseEnded, SilenceAsked))]
    [*most, ended] = without if isinstance(event, SilenceAsked) else held
    assert build_report(result_of([*most, event, ended]))["verdict"] == "unknown"


@pytest.mark.parametrize("name", SIDES)
def test_a_strongly_consistent_journal_asks_another_side_to_serve(name: str) -> None:
    held = scenario_history(name, strong=True)
    swap = [
        replace(each, region=B if each.region == A else A) if isinstance(each, Acknowledged) else each for each in held
    ]
    failed = [check["name"] for check in build_report(result_of(swap))["checks"] if check["verdict"] == "failed"]
    assert [each for each in failed if "serve" in each or "refuses" in each] != []


def test_streams_count_no_calls_and_have_struck_all_the_same() -> None:
    streams = {"service": STREAMS, "met": 0, "struck": 0}
    assert judged(FaultsCounted(at=LOOKED, faults=(streams,))) == [Verdict.PASSED]


CUT: dict[str, Callable[[Event], bool]] = {
    "nobody looked anything up": lambda event: type(event).__name__ != "LookedUp",
    "nobody saw the load stop": lambda event: type(event).__name__ != "LoadStopped",
    "clients were not seen to move": lambda event: type(event).__name__ != "ClientsMoved",
    "no ledger was seen to be complete": lambda event: type(event).__name__ != "LedgerCompleted",
    "nobody looked what had been replicated": lambda event: type(event).__name__ != "Unreplicated",
    "the other Region acknowledged nothing": lambda event: not (isinstance(event, Acknowledged) and event.region == B),
    "the drill did not end": lambda event: type(event).__name__ != "DrillEnded",
}


@pytest.mark.parametrize("keep", CUT.values(), ids=CUT)
def test_each_thing_that_was_not_measured_makes_the_drill_unknown(keep: Callable[[Event], bool]) -> None:
    events = [event for event in scenario_history("region-loss", strong=True) if keep(event)]
    report = build_report(result_of(events))
    assert (report["verdict"], report["passed"]) == ("unknown", False)
    assert [check for check in report["checks"] if check["verdict"] == "unknown"] != []
