"""The transcript of a night has every step of the program that plays it, in its order, and no other."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from command.cli import application
from drills.night import PAGE, STEPS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("step", [step for step in STEPS if step.command], ids=lambda step: step.heading)
def test_each_command_of_the_night_parses(step: object) -> None:
    command = getattr(step, "command", "")
    application().parse_args(shlex.split(command)[1:], print_error=False, exit_on_error=False)


def test_a_night_goes_from_the_alarm_over_the_failover_and_back_to_the_evidence() -> None:
    words = [shlex.split(step.command)[1] for step in STEPS if step.command]
    order = ["status", "preflight", "failover", "failback", "evidence"]
    assert [words.index(word) for word in order] == sorted(words.index(word) for word in order)
    assert STEPS[1].command is None
    assert "alarm" in STEPS[1].heading


def test_the_page_has_the_headings_and_the_commands_of_the_program_in_their_order() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [step.heading for step in STEPS]
    assert re.findall(r"^    \$ (.+)$", text, re.MULTILINE) == [step.command for step in STEPS if step.command]


def test_the_page_names_no_folder_of_the_machine_and_no_port() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert str(ROOT) not in text
    assert re.findall(r"127\.0\.0\.1:\d+", text) == []
