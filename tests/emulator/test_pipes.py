"""An execution environment is asked over its pipes in one thread, whatever it writes, and however it ends."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING

import pytest

from emulator.functions.environment_template import END_OF_LOG
from emulator.functions.pipes import Pipes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STATUSES = ("ok", "error")


@pytest.fixture
def start() -> Iterator[Callable[[str], Pipes]]:
    """Start an environment that runs `code` for each message, which has `event`, `answer` and `log` at hand."""
    processes, opened = [], []

    def run(code: str) -> Pipes:
        program = f"""
        import json, os, sys, time
        def answer(value):
            os.write(2, {END_OF_LOG!r}.encode() + b"\\n")
            print(json.dumps(value), flush=True)
        def log(text):
            os.write(2, text.encode())
        for line in sys.stdin:
            event = json.loads(line)
            exec({textwrap.dedent(code)!r})
        """
        (ours_in, theirs_in), (theirs_out, ours_out), (theirs_err, ours_err) = (
            os.pipe()[::-1],
            os.pipe()[::-1],
            os.pipe()[::-1],
        )
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(program)], stdin=theirs_in, stdout=theirs_out, stderr=theirs_err
        )
        processes.append(process)
        for each in (theirs_in, theirs_out, theirs_err):
            os.close(each)
        opened.append(Pipes(ours_in, ours_out, ours_err))
        return opened[-1]

    yield run
    for pipes in opened:
        pipes.close()
    for process in processes:
        process.kill()
        process.wait()


def test_each_call_has_its_answer_and_its_own_log(start: Callable[[str], Pipes]) -> None:
    pipes = start('log(event + "\\n"); answer({"status": "ok", "result": event})')
    for number in range(5):
        answer = pipes.ask(f"call {number}", statuses=STATUSES)
        assert answer.response == {"status": "ok", "result": f"call {number}"}
        assert answer.log == f"call {number}"


def test_an_event_and_a_log_that_are_larger_than_a_pipe_pass_at_once(start: Callable[[str], Pipes]) -> None:
    pipes = start('log("x" * 3_000_000); answer({"status": "ok", "result": event})')
    event = "y" * 3_000_000
    answer = pipes.ask(event, statuses=STATUSES)
    assert answer.response == {"status": "ok", "result": event}
    assert answer.log == "x" * 3_000_000


def test_what_is_no_answer_is_left_out(start: Callable[[str], Pipes]) -> None:
    noise = '[1]\\n{not json\\n{}\\n{\\"status\\": \\"ready\\"}'
    pipes = start(f'print("{noise}", flush=True); answer({{"status": "error", "error": "so"}})')
    assert pipes.ask(1, statuses=STATUSES).response == {"status": "error", "error": "so"}


def test_an_environment_that_ends_leaves_its_log_and_no_answer(start: Callable[[str], Pipes]) -> None:
    pipes = start('log("last words"); os._exit(1)')
    for said in ("last words", ""):
        answer = pipes.ask(1, statuses=STATUSES)
        assert answer.response is None
        assert not answer.late
        assert answer.log == said


def test_an_environment_that_is_late_is_given_up_in_time(start: Callable[[str], Pipes]) -> None:
    pipes = start('log("begun"); time.sleep(60)')
    began = time.monotonic()
    answer = pipes.ask(1, statuses=STATUSES, seconds=0.5)
    assert answer.late
    assert answer.response is None
    assert time.monotonic() - began < 5
