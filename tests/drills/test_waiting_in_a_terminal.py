"""Who waits sees in one line what is missing, as wide as the terminal; where there is none, a log gets no such line."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
CLEAR_LINE = "\x1b[2K"
WAITED_FOR = "Aurora: promoting us-west-2: failing-over, us-east-1 writes"

MOVE = """
from rich.console import Console

from drills.progress import Progress
from operations.failover import fail_over
from tests.operations.test_failover import Aws, deployed


class Slow(Aws):
    \"\"\"Tells four times that the writer is being moved before it has moved.\"\"\"

    left = 0

    def failover_global_cluster(self, **given):
        self.calls.append("failover")
        self.left = 4

    def describe_global_clusters(self, **given):
        if self.left:
            self.left -= 1
            if self.left == 0:
                self.writer = "us-west-2"
        answer = super().describe_global_clusters(**given)
        if self.left:
            answer["GlobalClusters"][0]["Status"] = "failing-over"
        return answer


with Progress(Console()) as progress, progress.phase("fail over"):
    fail_over(Slow(), deployed("us-west-2"), reason="r", say=progress.say, waits=progress.show)
"""


def environment() -> dict[str, str]:
    """The test's own, as a person's terminal sets it, without what tells rich its size or forces colours."""
    kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "FORCE_COLOR", "CI"}}
    return {**kept, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}


def in_a_terminal(columns: int) -> str:
    """Return everything that the move writes to a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    command = [sys.executable, "-c", MOVE]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, env=environment())
    os.close(theirs)
    written = b""
    try:
        while part := os.read(ours, 4096):
            written += part
    except OSError:
        pass  # Linux tells so that the other side is closed
    finally:
        os.close(ours)
    assert process.wait() == 0, written.decode()
    return written.decode()


def frames(written: str) -> list[str]:
    """Return each text that stood in the line which is replaced."""
    return [part for part in ESCAPE.sub("", written).replace("\r", "\n").split("\n") if " s  " in part]


@pytest.mark.parametrize("columns", [100, 60, 40])
def test_in_a_terminal_the_line_says_what_is_missing_and_is_no_wider_than_it(columns: int) -> None:
    written = in_a_terminal(columns)
    live = [frame for frame in frames(written) if "Aurora" in frame]
    assert live != []
    assert all(len(frame.rstrip()) <= columns for frame in live)
    if columns >= len(WAITED_FOR) + 14:
        assert any(WAITED_FOR in frame for frame in live)
    else:
        assert all(frame.rstrip().endswith("…") for frame in live)
        assert any("Aurora: promoting" in frame for frame in live)


def test_the_line_is_gone_once_nothing_is_waited_for() -> None:
    written = in_a_terminal(100)
    after = written[written.rindex("Aurora: promoting") :]
    assert CLEAR_LINE in after
    assert "sweep done" in written


def test_into_a_pipe_only_what_stays_is_written() -> None:
    moved = subprocess.run(
        [sys.executable, "-c", MOVE], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    )
    assert "Aurora" not in moved.stdout
    assert "\x1b" not in moved.stdout
    assert [line.split(" s  ")[1] for line in moved.stdout.splitlines()] == [
        "fail over",
        "takeover switch set: traffic moves to us-west-2",
        "asking that us-west-2 write the ledger: a move takes minutes on AWS",
        "us-west-2 writes the ledger",
        "sweep done: the ledger holds what the journal holds",
        re.sub(r"^.* s  ", "", moved.stdout.splitlines()[-1]),
    ]
    assert re.fullmatch(r" *\d+\.\d s  fail over: ended after \d+\.\d s", moved.stdout.splitlines()[-1])
