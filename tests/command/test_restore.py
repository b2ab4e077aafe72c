"""`tandem restore` says what it would restore, asks, and names what completes it."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from command import restore
from command.cli import main
from operations.deployment import Deployment, Regions
from operations.ledger_restore import Copy
from tests.operations.states import A, B

COPY = Copy(arn="arn:copy", taken=1_767_225_600.0)


@pytest.fixture
def restored(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Replace what restores, and take the terminal away; returns what it was asked."""
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(
        restore, "find_deployment", lambda *_, **__: Deployment(stage="prod", regions=Regions(), parameters={})
    )
    monkeypatch.setattr(restore, "latest_copy", lambda *_: COPY)
    monkeypatch.setattr(restore, "restore_ledger", lambda *_, **given: asked.append(given))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)
    return asked


def run(*arguments: str, stage: str = "prod") -> int:
    return main(["restore", *arguments, "--stage", stage, "--endpoint-url", "http://127.0.0.1:1"])


def test_the_newest_copy_is_restored_in_the_secondary_region_unless_told_otherwise(
    restored: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--yes") == 0
    assert run("--yes", "--region", A, "--snapshot", "arn:other") == 0
    assert [(each["region"], each["snapshot"]) for each in restored] == [(B, "arn:copy"), (A, "arn:other")]
    said = capsys.readouterr().out
    assert f"stage prod: {B} from arn:copy, taken 2026-01-01 00:00 UTC\n" in said
    assert "tandem reconcile --stage prod\n" in said


def test_a_dry_run_changes_nothing(restored: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--dry-run") == 0
    assert restored == []
    assert "nothing was changed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "stage", "complaint"),
    [
        ((), "prod", "give --yes"),
        (("--region", "eu-west-1"), "prod", "is not a Region of the stage"),
        ((), "dev", "has one Region"),
    ],
)
def test_nothing_is_restored_that_nobody_confirmed_or_that_cannot_be(
    arguments: tuple[str, ...],
    stage: str,
    complaint: str,
    restored: list[dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(*arguments, stage=stage) == 2
    assert complaint in capsys.readouterr().err
    assert restored == []
