"""What misleads `recover`: each fault strikes where it is meant to, and what `recover` said before tells nothing."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from drills.history.events import Faulted
from drills.history.history import History
from drills.scenarios import partial, unattended
from drills.scenarios.misleading import MISLEADING
from operations.errors import OperationError
from operations.recovery_evidence import Said

if TYPE_CHECKING:
    from collections.abc import Iterator

A, B = "us-east-1", "us-west-2"


class Context:
    """As much of a drill as a phase needs; a condition is asked three times."""

    def __init__(self) -> None:
        self.primary, self.secondary = A, B
        self.endpoint = self.deployment = None
        self.history = History()
        self.phases: list[str] = []
        self.added: list[dict[str, Any]] = []
        self.control = SimpleNamespace(add_fault=lambda **given: self.added.append(given))

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[None]:
        self.phases.append(name)
        yield

    def wait(self, condition: Any, otherwise: str, *, seconds: float, missing: Any = None) -> None:
        assert missing, "who waits is told for what"
        assert seconds == unattended.RECOVERY_SECONDS
        if not any(condition() for _ in range(3)):
            raise OperationError(otherwise)

    def say_below(self, line: str) -> None:
        self.phases.append(line)


def after(context: Context, monkeypatch: pytest.MonkeyPatch, *said: Said | None) -> None:
    answers = iter(said)
    last: list[Said | None] = [None]

    def answer(*_: object) -> Said | None:
        last[0] = next(answers, last[0])
        return last[0]

    monkeypatch.setattr(unattended, "last_said", answer)
    monkeypatch.setattr(unattended, "time", SimpleNamespace(time=lambda: 100.0))
    unattended.recover_says("declined")(context)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fault", "region"),
    [(partial.NO_HEALTH, A), (partial.NO_CANARY, A), (partial.BLIND, B)],
)
def test_a_fault_strikes_the_region_that_it_is_meant_for(fault: partial.PartialFault, region: str) -> None:
    context = Context()
    partial.inject(fault)(context)  # type: ignore[arg-type]
    assert [each["region"] for each in context.added] == [region]
    assert [each.region for each in context.history.of(Faulted)] == [region]


def test_what_recover_says_from_now_on_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    context = Context()
    after(context, monkeypatch, None, Said(text="declined: before", at=99.0), Said(text="declined: now", at=101.0))
    assert context.phases[-1] == "declined: now"


@pytest.mark.parametrize("said", [None, Said(text="declined: before", at=99.0), Said(text="began it", at=101.0)])
def test_nothing_or_something_else_or_something_old_is_not_enough(
    said: Said | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OperationError, match="recover did not say 'declined'"):
        after(Context(), monkeypatch, said)


def test_a_scenario_in_which_no_region_is_lost_mends_its_fault_and_looks_at_the_writer() -> None:
    without_loss = [each for each in MISLEADING if partial.mend in each.steps]
    assert len(without_loss) == len(MISLEADING) - 1
    assert all(each.steps.index(partial.mend) < each.steps.index(partial.writer_stayed) for each in without_loss)
