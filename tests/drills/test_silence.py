"""A silence is judged by what a control took meanwhile, and by the outage: both bounds can fail."""

from typing import Any

import pytest

from drills.history.events import Acknowledged, ControlRan, DrillBegan, Event, Faulted, Promoted
from drills.history.seen import LedgerSilenceAsked, SilenceAsked
from drills.measure.machine import Machine, slowness
from drills.verdict.checks import Verdict
from drills.verdict.past import Past
from drills.verdict.silence import longest_silence, never_waits_for_the_ledger, no_long_silence
from tests.drills import recorded


def past(*times: float, samples: list[tuple[float, float, float]] | None = None, promoted_at: float = 4) -> Past:
    began = next(event for event in recorded.history() if isinstance(event, DrillBegan))
    events: list[Event] = [
        Faulted(at=0.0, what="Region", region="a", outage=True),
        Promoted(at=promoted_at, region=began.secondary),
        *(ControlRan(at=ended, since=since, used=used) for since, ended, used in samples or []),
        *(Acknowledged(at=at, key=str(at), id=str(at), region="a") for at in times),
    ]
    return Past(began=began, events=events)


def every(seconds: float, since: float, until: float) -> list[float]:
    return [since + seconds * step for step in range(int((until - since) / seconds) + 1)]


@pytest.mark.parametrize(
    ("times", "longest"),
    [([], (0, 10)), ([4], (4, 10)), ([7, 8], (0, 7)), ([2, 9, 1], (2, 9)), ([-5, 1, 30], (1, 10))],
)
def test_a_silence_at_the_beginning_or_the_end_counts_too(times: list[float], longest: tuple[float, float]) -> None:
    assert longest_silence(times, 0, 10) == longest


@pytest.mark.parametrize(
    ("samples", "passed"),
    [
        ([], False),
        ([(5.0, 5.1, 0.1), (7.0, 7.11, 0.1)], False),
        ([(6.0, 6.5, 0.1)], True),
        ([(12.0, 13.0, 0.1)], False),
    ],
    ids=["no control", "the machine was fast", "the machine was slow", "it was slow at another time"],
)
def test_eight_seconds_of_silence_pass_only_where_the_machine_was_slow_meanwhile(
    samples: list[tuple[float, float, float]], *, passed: bool
) -> None:
    tried = past(*every(0.1, 0, 2), *every(0.1, 10, 20), samples=samples)
    [check] = no_long_silence(SilenceAsked(at=20.0, name="n"), tried)
    assert (check.verdict is Verdict.PASSED) is passed, check.detail


def test_a_silence_that_has_not_ended_fails() -> None:
    tried = past(*every(0.1, 0, 5))
    [check] = no_long_silence(SilenceAsked(at=20.0, name="n"), tried)
    assert check.verdict is Verdict.FAILED


@pytest.mark.parametrize("slow", [1, 10])
@pytest.mark.parametrize(("silent_until", "passed"), [(0.4, True), (3.9, False)])
def test_clients_that_wait_for_the_ledger_fail_on_a_fast_machine_and_on_a_slow_one(
    slow: int, silent_until: float, *, passed: bool
) -> None:
    times = [at * slow for at in every(0.1, silent_until, 6)]
    tried = past(*times, promoted_at=4 * slow)
    [check] = never_waits_for_the_ledger(LedgerSilenceAsked(at=20.0), tried)
    assert (check.verdict is Verdict.PASSED) is passed, check.detail


def test_the_slowest_control_of_the_time_in_question_counts_and_never_less_than_one() -> None:
    samples = [
        ControlRan(at=ended, since=since, used=used)
        for since, ended, used in ((0.0, 1.0, 0.5), (2.0, 5.0, 0.5), (6.0, 7.0, 2.0))
    ]
    assert slowness(samples, 0, 10) == 6
    assert slowness(samples, 0, 1.5) == 2
    assert slowness(samples, 5.5, 10) == 1
    assert slowness([], 0, 10) == 1


def test_a_control_is_a_program_that_takes_time_of_the_processor() -> None:
    noted: list[Any] = []
    Machine(note=noted.append).measure()
    [control] = noted
    assert control.used > 0
    assert control.since < control.at
