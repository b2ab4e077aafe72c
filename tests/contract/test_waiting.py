"""One loop waits everywhere: it asks at least once, pauses between questions, and returns the last answer."""

from __future__ import annotations

import pytest

from contract.waiting import wait_until


class Time:
    """Passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.pauses: list[float] = []

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.pauses.append(seconds)


def test_it_returns_the_first_true_answer_and_sleeps_between_two_questions() -> None:
    time, answers = Time(), iter(["", "", "here"])
    assert wait_until(lambda: next(answers), seconds=60, pause=2, now=time.now, sleep=time.sleep) == "here"
    assert time.pauses == [2, 2]


def test_when_time_is_up_the_last_answer_is_returned() -> None:
    time, asked = Time(), []

    def ask() -> None:
        asked.append(time.seconds)

    assert wait_until(ask, seconds=5, pause=2, now=time.now, sleep=time.sleep) is None
    assert asked == [0, 2, 4, 6]


@pytest.mark.parametrize("seconds", [0.0, -3.0])
def test_without_any_time_it_asks_once_and_does_not_sleep(seconds: float) -> None:
    time, asked = Time(), []
    wait_until(lambda: asked.append(1), seconds=seconds, pause=1, now=time.now, sleep=time.sleep)
    assert (len(asked), time.pauses) == (1, [])


def test_what_the_question_raises_ends_the_waiting() -> None:
    time = Time()
    with pytest.raises(ZeroDivisionError):
        wait_until(lambda: 1 // 0, seconds=5, pause=1, now=time.now, sleep=time.sleep)
    assert time.pauses == []
