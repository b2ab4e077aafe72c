"""Verifying a stage on AWS: the order of its steps, what ends it, and its report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from contract.game_days import EXPERIMENTS
from drills.evidence.manifest import verify as verify_folder
from drills.verification.run import Ports, verify, write
from drills.verification.steps import CANARY, steps

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ACCOUNT = "111122223333"
STEPS = steps("staging", account=ACCOUNT)
NAMES = [each.name for each in STEPS]


class Machine:
    """Notes what is run; the step whose command holds `fails` ends with 1."""

    def __init__(self, fails: str = "", *, arrives: bool = True) -> None:
        self.ran: list[str] = []
        self._fails, self._arrives = fails, arrives

    def run(self, command: Sequence[str]) -> int:
        self.ran.append(" ".join(command))
        return int(bool(self._fails) and self._fails in self.ran[-1])

    @property
    def ports(self) -> Ports:
        return Ports(run=self.run, arrived=lambda: self._arrives, clock=lambda: 0.0, canary_seconds=0.01, pause=0.01)


def test_it_looks_deploys_waits_breaks_returns_and_destroys_in_this_order() -> None:
    machine = Machine()
    outcomes = verify(STEPS, machine.ports, say=lambda _: None)
    assert [each.name for each in outcomes] == NAMES
    assert {each.outcome for each in outcomes} == {"passed"}
    beginnings = [" ".join(each.split()[:2]) for each in machine.ran]
    assert beginnings == [
        "make bootstrap",
        "tandem preflight",
        "make deploy",
        "tandem preflight",
        *("tandem game-day" for _ in EXPERIMENTS),
        "tandem failover",
        "tandem failback",
        "tandem compare",
        "make destroy",
    ]
    assert NAMES.index("deploy") < NAMES.index(CANARY) < NAMES.index("failover") < NAMES.index("failback")


def test_every_command_names_the_stage_and_none_asks() -> None:
    for step in STEPS:
        if step.command:
            assert "staging" in " ".join(step.command)
        if step.command[:1] == ("make",):
            assert {f"ACCOUNT={ACCOUNT}", "APPROVAL=never"} <= set(step.command)
        if step.command[:2] in (("tandem", "game-day"), ("tandem", "failover"), ("tandem", "failback")):
            assert "--yes" in step.command


@pytest.mark.parametrize("fails", ["make deploy", "game-day --stage staging --experiment cut-dynamodb", "failback"])
def test_after_a_step_that_fails_nothing_is_begun_and_nothing_destroyed(fails: str) -> None:
    machine = Machine(fails)
    outcomes = verify(STEPS, machine.ports, say=lambda _: None)
    kinds = [each.outcome for each in outcomes]
    at = kinds.index("failed")
    assert set(kinds[:at]) == {"passed"}
    assert set(kinds[at + 1 :]) == {"not begun"}
    assert not any("destroy" in each for each in machine.ran)


def test_a_canary_that_does_not_arrive_ends_it() -> None:
    outcomes = verify(STEPS, Machine(arrives=False).ports, say=lambda _: None)
    assert next(each.name for each in outcomes if each.outcome == "failed") == CANARY


def test_one_sealed_report_has_every_step(tmp_path: Path) -> None:
    outcomes = verify(STEPS, Machine("failback").ports, say=lambda _: None)
    folder = write(outcomes, tmp_path, stage="staging", run="r1")
    report = json.loads((folder / "verification.json").read_text(encoding="utf-8"))
    assert [each["name"] for each in report["steps"]] == NAMES
    assert report["verdict"] == "failed"
    text = (folder / "verification.md").read_text(encoding="utf-8")
    assert all(f"| {name} | " in text for name in NAMES)
    assert verify_folder(folder).problems == ()
