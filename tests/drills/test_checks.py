"""Each check that every drill has fails in a history that shows its fault, and is unknown where nothing shows it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from drills.history.derived import result_of
from drills.history.events import (
    Acknowledged,
    AnsweredAgain,
    ClientsMoved,
    DnsAnswered,
    DrillEnded,
    Event,
    LedgerCompleted,
    LoadStopped,
    LookedUp,
    PhaseEnded,
    Promoted,
    Refused,
    Unreplicated,
)
from drills.measure.lookup import Findings
from drills.report import build_report
from drills.verdict.checks import TITLES
from tests.drills.recorded import A, B, answered_again
from tests.drills.recorded_scenarios import LOST, PROMOTED, SCENARIOS_AND_KILLS, STOPPED, scenario_history

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Change = Callable[[list[Event]], list[Event]]

HELD = scenario_history("region-loss", strong=True)
"""A drill with every check that every drill has: only a strongly consistent journal is held to an RPO."""
WRONG = {A: ["x: 200 instead of 100"], B: ["x: 200 instead of 100"]}
BOUND = 65.0
"""Seconds until the last client has moved, at most: 3 checks at 10 s, a TTL of 30 s and 5 s to connect."""


def verdicts(events: Sequence[Event]) -> dict[str, str]:
    """Return what each check of this history comes to, without those of what a scenario looked at."""
    report = build_report(result_of(events))
    of_the_scenario = {row["name"] for row in report["observations"]}
    return {row["name"]: row["verdict"] for row in report["checks"] if row["name"] not in of_the_scenario}


def also(*events: Event) -> Change:
    """Something more happened."""
    return lambda held: sorted([*held, *events], key=lambda event: event.at)


def without(*kinds: type[Event]) -> Change:
    """Something did not happen, or nobody saw it."""
    return lambda held: [event for event in held if not isinstance(event, kinds)]


def instead(*events: Event) -> Change:
    """What happened of these kinds is something else."""
    return lambda held: also(*events)(without(*{type(event) for event in events})(held))


def looked_up(acknowledged: int | None = None, **wrong: dict[str, list[str]]) -> Change:
    """The look-up found this wrong, of all that was acknowledged or of so many."""

    def change(held: list[Event]) -> list[Event]:
        [event] = (each for each in held if isinstance(each, LookedUp))
        count = event.findings.acknowledged if acknowledged is None else acknowledged
        return instead(replace(event, findings=Findings(acknowledged=count, **wrong)))(held)

    return change


def served_late(held: list[Event]) -> list[Event]:
    """The other Region acknowledges its first transaction when every client should long have moved."""
    return [
        replace(event, at=event.at + BOUND) if isinstance(event, Acknowledged) and event.region == B else event
        for event in held
    ]


def moved_late(held: list[Event]) -> list[Event]:
    """DNS sends the client to the other Region a moment too late, and somebody sees it then."""
    at = LOST + BOUND + 0.01
    answers = [replace(event, at=at) for event in held if isinstance(event, DnsAnswered) and event.region == B]
    stayed = [event for event in held if event.at > LOST and isinstance(event, DnsAnswered)]
    return also(ClientsMoved(at=at, region=B), *answers)(
        [event for event in held if event not in stayed and not isinstance(event, ClientsMoved)]
    )


def killed(held: list[Event]) -> list[Event]:
    """The drill was killed in its last phase but one."""
    return [event for event in held if event.at < LOST]


FAILING: dict[str, dict[str, Change]] = {
    "lost": {
        "a journal lacks one": looked_up(journal_missing={A: [], B: ["3"]}),
        "each journal lacks another": looked_up(journal_missing={A: ["3"], B: ["4"]}),
        "one of a part is not there": looked_up(2, journal_missing={A: ["3"], B: []}),
    },
    "duplicated": {
        "it was acknowledged again under another id": also(Acknowledged(at=20.0, key="3", id="other", region=A)),
    },
    "different_answers": {
        "another amount": also(answered_again(20.0, "3", A, amount="2.00")),
        "another time, of a strongly consistent journal": also(answered_again(20.0, "3", B, recorded_at="2026-11-25")),
        "it was refused when it was sent again": also(replace(answered_again(20.0, "3", A), status=409)),
    },
    "ledger_missing": {
        "the primary's ledger lacks one": looked_up(ledger_missing={A: ["3"], B: []}),
        "the secondary's ledger lacks one": looked_up(ledger_missing={A: [], B: ["3"]}),
    },
    "unanswered": {"two had no answer": instead(LoadStopped(at=STOPPED, unanswered=2))},
    "refused": {
        "one was refused": also(Refused(at=20.0, key="3", answer="422")),
        "one was refused, and the load never stopped": lambda held: also(Refused(at=20.0, key="3", answer="422"))(
            without(LoadStopped)(held)
        ),
    },
    "balances": {
        "one was posted twice": looked_up(wrong_balances={A: [], B: ["x: 200 instead of 100"]}),
        "one was not posted in the primary": looked_up(wrong_balances={A: ["x: 0 instead of 100"], B: []}),
    },
    "write_rto_seconds": {"the other Region served late": served_late},
    "clients_moved_seconds": {"the last client moved late": moved_late},
    "ledger_complete_seconds": {"the ledger caught up late": instead(LedgerCompleted(at=PROMOTED + 10.01))},
    "rpo_seconds": {"what was acknowledged had not left": instead(Unreplicated(at=14.0, keys=("3",)))},
    "all phases finished": {"a phase did not finish": instead(DrillEnded(at=STOPPED, failure="no promotion"))},
}
"""For each check, histories in which it fails; a check may fail with it that says another thing of the same."""

UNKNOWN: dict[str, dict[str, Change]] = {
    **{
        name: {
            "nobody looked": without(LookedUp),
            "nothing was looked up": looked_up(0),
            "not all was looked up": looked_up(2),
            "nothing was acknowledged": without(Acknowledged, AnsweredAgain),
        }
        for name in ("lost", "ledger_missing")
    },
    "balances": {
        "nobody looked": without(LookedUp),
        "nothing was looked up": looked_up(0),
        "not all was looked up": looked_up(2),
        "nothing was acknowledged": without(Acknowledged, AnsweredAgain),
    },
    "duplicated": {"nothing was sent again": without(AnsweredAgain)},
    "different_answers": {"nothing was sent again": without(AnsweredAgain)},
    "unanswered": {"nobody saw the load stop": without(LoadStopped)},
    "refused": {"nobody saw the load stop": without(LoadStopped)},
    "write_rto_seconds": {
        "the other Region acknowledged nothing": lambda held: [
            event for event in held if not (isinstance(event, Acknowledged) and event.region == B)
        ]
    },
    "clients_moved_seconds": {"nobody saw the clients move": without(ClientsMoved)},
    "ledger_complete_seconds": {
        "nobody saw it complete": without(LedgerCompleted),
        "nobody saw it promoted": without(Promoted),
    },
    "rpo_seconds": {"nobody looked what had left the Region": without(Unreplicated)},
    "all phases finished": {
        "the history ends before the drill does": without(DrillEnded),
        "it was killed in its first phase": killed,
        "it was killed before its first phase ended": lambda held: without(PhaseEnded)(killed(held)),
    },
}
"""For each check, histories in which nobody knows."""


def cases(table: dict[str, dict[str, Change]]) -> list[object]:
    return [
        pytest.param(name, change, id=f"{name}: {title}")
        for name, changes in table.items()
        for title, change in changes.items()
    ]


@pytest.mark.parametrize(("name", "change"), cases(FAILING))
def test_the_check_fails_and_no_other_one_and_so_does_the_drill(name: str, change: Change) -> None:
    events = change(HELD)
    assert {check for check, verdict in verdicts(events).items() if verdict == "failed"} == {name}
    assert build_report(result_of(events))["verdict"] == "failed"


def test_a_balance_that_is_too_much_may_be_what_had_no_answer() -> None:
    events = looked_up(wrong_balances=WRONG)(instead(LoadStopped(at=STOPPED, unanswered=2))(HELD))
    told = verdicts(events)
    assert (told["balances"], told["unanswered"]) == ("unknown", "failed")


@pytest.mark.parametrize(("name", "change"), cases(UNKNOWN))
def test_the_check_is_unknown_and_so_is_the_drill(name: str, change: Change) -> None:
    events = change(HELD)
    assert verdicts(events)[name] == "unknown"
    assert build_report(result_of(events))["verdict"] == "unknown"


def test_both_tables_name_every_check_that_any_drill_has() -> None:
    histories = [scenario_history(name, strong=strong) for name in SCENARIOS_AND_KILLS for strong in (False, True)]
    without_an_end = [without(DrillEnded)(history) for history in histories]
    every = {name for history in (*histories, *without_an_end) for name in verdicts(history)}
    assert every == set(FAILING) == set(UNKNOWN) == set(TITLES)
