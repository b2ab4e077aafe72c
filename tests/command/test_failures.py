"""What the machine refuses is one line that names the cause, never a traceback."""

from __future__ import annotations

import errno
import os
import socket
from typing import TYPE_CHECKING

import pytest

from command import drill
from command.cli import main
from drills.embedded.alone import alone
from drills.embedded.isolation import ROOT
from drills.embedded.process import EmbeddedAws
from operations.deployment import Regions
from operations.errors import BusyError, OperationError

if TYPE_CHECKING:
    from pathlib import Path


def failing(error: BaseException) -> object:
    """What stands for the drill and fails."""

    def fail(*_: object, **__: object) -> int:
        raise error

    return fail


def test_a_full_disk_is_named_with_the_file_that_did_not_fit(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "build/drill/history.jsonl")
    monkeypatch.setattr(drill, "run_drill", failing(full))
    assert main(["drill"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        "tandem: build/drill/history.jsonl: no space left on device: free some space, then run this again\n"
    )


def test_a_file_that_really_does_not_fit_fails_with_the_same_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(*_: object, **__: object) -> int:
        with open("/dev/full", "w", buffering=1) as file:  # noqa: PTH123 - the device that is always full
            file.write("line\n")
        return 0

    monkeypatch.setattr(drill, "run_drill", write)
    assert main(["drill"]) == 1
    assert capsys.readouterr().err == "tandem: no space left on device: free some space, then run this again\n"


def test_a_second_drill_at_once_is_refused_and_names_the_first(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("drills.prepare.ROOT", tmp_path)
    with alone(tmp_path / "build" / "drill.running"):
        for command in ("drill", "campaign"):
            monkeypatch.setattr("drills.campaign.ROOT", tmp_path)
            assert main([command]) == 2
            said = capsys.readouterr().err
            assert said.startswith(f"tandem: another drill of this checkout is running (process {os.getpid()}): ")
            assert said.count("\n") == 1


def test_a_drill_that_ended_lets_the_next_one_begin(tmp_path: Path) -> None:
    mark = tmp_path / "build" / "drill.running"
    with alone(mark), pytest.raises(BusyError), alone(mark):
        pass
    with alone(mark):
        assert mark.read_text() == str(os.getpid())


def test_an_embedded_aws_whose_port_is_taken_says_so_through_whoever_starts_it() -> None:
    state = ROOT / "build" / "tests" / "taken-port" / "emulator"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(OperationError, match=f"--port {port}: address already in use: choose another"),
            EmbeddedAws(Regions(), state=state, lag_milliseconds=0, port=port),
        ):
            pass
