"""`tandem play` says in one line why it cannot begin, before anything is started."""

from __future__ import annotations

import socket

import pytest

from command.cli import main
from drills.play.server import ADDRESS


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--endpoint-url", "https://dynamodb.us-east-1.amazonaws.com"], "a drill injects nothing into AWS"),
        (["--stage", "dev"], "has one Region"),
        (["mend"], "nothing is played on port"),
    ],
)
def test_what_cannot_be_played_with_is_one_line_and_status_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server((ADDRESS, 0)) as unused:
        port = unused.getsockname()[1]
    assert main(["play", *arguments, "--port", str(port)]) == 2
    printed = capsys.readouterr().err
    assert said in printed
    assert printed.count("\n") == 1 or "injects nothing" in said


def test_a_port_that_is_taken_is_said_before_a_stage_is_deployed(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server((ADDRESS, 0)) as taken:
        assert main(["play", "--port", str(taken.getsockname()[1])]) == 2
    assert "address already in use): give another --port" in capsys.readouterr().err


def test_an_action_that_there_is_not_is_refused_with_the_help_to_look_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["play", "explode"]) == 2
    told = capsys.readouterr().err
    assert "'explode' is none of the choices: give one of failback, failover, load" in told
    assert told.endswith("(see tandem play --help)\n")
