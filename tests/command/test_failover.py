"""What is said and asked before anything moves."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from command import failover
from command.cli import main
from operations.decision import Move
from operations.deployment import Deployment, Regions
from operations.losses import Losses
from tests.operations.states import A, B

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "http://127.0.0.1:1"


class Moves:
    """What the commands called, instead of moving anything."""

    def __init__(self) -> None:
        self.beat_seconds: float | None = 3.0
        self.calls: list[str] = []
        self.reasons: list[str] = []

    def over(self, *_: Any, say: Callable[[str], None], reason: str, **__: Any) -> bool:
        self.calls.append("over")
        self.reasons.append(reason)
        say("takeover switch set")
        return True

    def back(self, *_: Any, say: Callable[[str], None], reason: str, **__: Any) -> None:
        self.calls.append("back")
        self.reasons.append(reason)
        say("traffic returns")

    def look(self, *_: Any, to: str) -> Move:
        return Move(
            account="123456789012",
            stage="prod",
            leaving=A,
            to=to,
            beat_seconds=self.beat_seconds,
            traffic=A,
            writes=False,
        )

    def losses(self, *_: Any, leaving: str, to: str, beat_seconds: float | None) -> Losses:
        return Losses(leaving=leaving, to=to, strong=True, beat_seconds=beat_seconds, seconds=beat_seconds, rows=7)


@pytest.fixture
def moves(monkeypatch: pytest.MonkeyPatch) -> Moves:
    """Replace what moves, and take the terminal away."""
    instead = Moves()
    parameters = {B: {"ledger-cluster-arn": "arn:aws:rds:us-west-2:123456789012:cluster:ledger"}}
    found = Deployment(stage="prod", regions=Regions(), parameters=parameters)
    monkeypatch.setattr(failover, "find_deployment", lambda *_, **__: found)
    monkeypatch.setattr(failover, "look", instead.look)
    monkeypatch.setattr(failover, "losses", instead.losses)
    monkeypatch.setattr(failover, "caller", lambda *_: "arn:aws:sts::123456789012:assumed-role/operator/anna")
    monkeypatch.setattr(failover, "fail_over", instead.over)
    monkeypatch.setattr(failover, "fail_back", instead.back)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)
    return instead


def run(*arguments: str) -> int:
    return main([*arguments, "--stage", "prod", "--endpoint-url", URL])


def answer(monkeypatch: pytest.MonkeyPatch, typed: str) -> list[str]:
    """Give it a terminal at which somebody types; return where the questions will be."""
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return typed

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("builtins.input", ask)
    return asked


def test_a_failover_is_refused_while_the_primary_beats(moves: Moves, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("failover", "--yes") == 1
    told = capsys.readouterr()
    assert told.out.startswith(f"account 123456789012, stage prod: from {A} (last beat 3 s ago) to {B}: ")
    assert f"{A} lives, beat 3 s ago: --planned loses nothing; --force goes on" in told.err
    assert told.err.count("\n") == 1
    assert moves.calls == []


@pytest.mark.parametrize(
    "options", [("--force",), ("--force", "--yes"), ("--planned", "--yes"), ("--ledger-only", "--yes")]
)
def test_a_failover_goes_on_while_the_primary_beats_when_it_is_told_to(options: tuple[str, ...], moves: Moves) -> None:
    assert run("failover", *options) == 0
    assert moves.calls == ["over"]


@pytest.mark.parametrize("options", [(), ("--planned",), ("--ledger-only",)])
def test_without_a_terminal_nothing_moves_unless_told_so(
    options: tuple[str, ...], moves: Moves, capsys: pytest.CaptureFixture[str]
) -> None:
    moves.beat_seconds = 100.0
    assert run("failover", *options) == 2
    assert "there is no terminal to ask, and nothing was changed: give --yes" in capsys.readouterr().err
    assert run("failover", *options, "--yes") == 0
    assert moves.calls == ["over"]


@pytest.mark.parametrize(("typed", "status"), [("y", 0), ("YES", 0), ("", 1), ("n", 1)])
def test_on_a_terminal_somebody_is_asked(
    typed: str, status: int, moves: Moves, monkeypatch: pytest.MonkeyPatch
) -> None:
    moves.beat_seconds = 100.0
    asked = answer(monkeypatch, typed)
    assert run("failover") == status
    assert asked == [f"fail stage prod over to {B}? [y/N] "]
    assert moves.calls == (["over"] if status == 0 else [])


def test_force_on_a_terminal_asks_all_the_same(moves: Moves, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answer(monkeypatch, "n")
    assert run("failover", "--force") == 1
    assert len(asked) == 1
    assert moves.calls == []


def test_failing_back_says_where_from_and_to_and_asks(
    moves: Moves, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("failback") == 2
    assert moves.calls == []
    asked = answer(monkeypatch, "y")
    assert run("failback") == 0
    assert asked == [f"fail stage prod back to {A}? [y/N] "]
    assert moves.calls == ["back"]
    assert f"account 123456789012, stage prod: from {B} back to {A}, planned, without loss\n" in capsys.readouterr().out


def test_what_would_be_lost_is_said_before_anything_moves_and_a_switchover_loses_nothing(
    moves: Moves, capsys: pytest.CaptureFixture[str]
) -> None:
    moves.beat_seconds = 100.0
    assert run("failover", "--yes") == 0
    said = capsys.readouterr().out.splitlines()
    assert said[1:3] == [
        f"  journal: 0 lost, because what was acknowledged is in {B} too",
        "  ledger: 0 lost, at most 7 rows (of the last 100 s) are inserted by projector and sweep",
    ]
    assert said[3].startswith("  documents: ")
    assert "takeover switch set" in said[4]
    assert run("failover", "--ledger-only", "--yes") == 0
    alone = capsys.readouterr().out
    assert "  ledger: 0 lost" in alone
    assert "journal: " not in alone, "the Region lives, and its journal with it"
    assert run("failover", "--planned", "--yes") == 0
    assert "lost" not in capsys.readouterr().out


def test_a_dry_run_says_the_same_and_moves_nothing(moves: Moves, capsys: pytest.CaptureFixture[str]) -> None:
    moves.beat_seconds = 100.0
    assert run("failover", "--dry-run") == 0
    said = capsys.readouterr().out
    assert "at most 7 rows" in said
    assert said.endswith("nothing was changed: leave --dry-run out to do it\n")
    moves.beat_seconds = 3.0
    assert run("failover", "--dry-run") == 1
    assert f"{A} lives" in capsys.readouterr().err
    assert moves.calls == []


def test_who_moves_the_switch_is_kept_with_the_reason(moves: Moves) -> None:
    assert run("failover", "--force", "--reason", "page 42") == 0
    assert run("failback", "--yes") == 0
    anna = "arn:aws:sts::123456789012:assumed-role/operator/anna"
    assert moves.reasons == [f"page 42, by {anna}", f"operator ran tandem failback, by {anna}"]


def test_each_step_is_said_with_the_seconds_until_then(moves: Moves, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("failover", "--force") == 0
    assert "   0.0 s  takeover switch set\n" in capsys.readouterr().out
    assert moves.calls == ["over"]


@pytest.mark.parametrize("command", [("failover",), ("failback",), ("reconcile",), ("quarantine", "release", "--all")])
def test_what_acts_has_no_stage_of_its_own(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status = main([*command, "--endpoint-url", URL])
    except SystemExit as left:
        status = int(left.code or 0)
    assert status == 2
    told = capsys.readouterr().err
    assert "--stage" in told
    words = " ".join(word for word in command if not word.startswith("-"))
    assert f"(see tandem {words} --help)" in told
