"""The help of every command has examples that parse, and nothing is imported for the version."""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from command.cli import application, main
from command.commands import COMMANDS

if TYPE_CHECKING:
    from command.commands import Command

BY_NAME = {command.name: command for command in COMMANDS}
EXAMPLES = [example for command in COMMANDS for example in command.examples]


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_parses(example: str) -> None:
    program, *words = shlex.split(example)
    assert program == "tandem"
    _, bound, ignored = application().parse_args(words)
    assert not ignored
    assert bound.signature.return_annotation is int


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command.name))
def test_every_command_s_help_begins_with_how_to_use_it_and_shows_its_examples(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.examples
    assert main([command.name, "--help"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"Usage: tandem {command.name}")
    words = " ".join(told.split())
    assert all(" ".join(example.split()) in words for example in command.examples)


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        (["statsu"], "tandem: 'statsu' is no command: did you mean status? (see tandem --help)"),
        (["drill", "--scenario", "partion"], "'partion' is none of the choices: did you mean partition?"),
        (["failover", "--stage", "prod", "--dryrun"], "'--dryrun' is no option here: did you mean --dry-run?"),
        (["evidence", "lst"], "tandem evidence: 'lst' is no command: did you mean list?"),
        (["status", "--stage"], "argument --stage: a value is missing"),
        (["status", "prod"], "'prod' is more than this takes: leave it out (see tandem status --help)"),
        (["status", "--stage", "a1", "--stage", "b2"], "--stage is given more than once, the last time as 'b2'"),
        (["failover", "--stage", "prod", "--force", "--planned"], "--planned and --force exclude each other"),
        (["campaign", "--drills", "1.5"], "'1.5' is not a whole number from 1 to 10000"),
        (["drill", "--seed", "x"], "'x' is not a whole number"),
        (["play", "--port", "80"], "'80' is not a whole number from 1024 to 65535"),
    ],
)
def test_what_is_misspelt_names_the_nearest_and_what_is_allowed(
    typed: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(typed) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert named in captured.err


def test_completion_knows_every_command_and_the_scenarios() -> None:
    script = application().generate_completion(shell="bash")  # noqa: S604 - the name of a shell; none is started
    assert all(name in script for name in BY_NAME)
    assert "partition" in script
    assert "--dry-run" in script


@pytest.mark.parametrize("typed", ["--version", "--help"])
def test_neither_the_version_nor_the_list_of_commands_imports_aws(typed: str) -> None:
    asked = "{'boto3', 'botocore'} & set(sys.modules)"
    code = f"import sys; from command.cli import main; main([{typed!r}]); print({asked})"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.endswith("\nset()\n")
