"""What a long command tells: of the CDK CLI's log, and where there is no terminal."""

import io
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from drills.embedded.cdk_progress import CdkLog, follow, last_lines
from drills.progress import Progress

LINES = """
GlobalStack (tandem-global-staging): deploying... [1/3]
tandem-global-staging |  0/2 | 3:17:13 PM | CREATE_IN_PROGRESS | AWS::CloudFormation::Stack | x
tandem-global-staging |  1/2 | 3:17:13 PM | CREATE_COMPLETE    | AWS::IAM::Role | x
tandem-primary-staging |  7/52 | 3:17:13 PM | CREATE_COMPLETE   | AWS::IAM::Role | x
tandem-global-staging |  2/2 | 3:17:13 PM | CREATE_COMPLETE    | AWS::CloudFormation::Stack | x
 ✅  GlobalStack (tandem-global-staging)
"""


def test_a_finished_stack_is_told_with_its_resources_and_the_others_with_how_far_they_are() -> None:
    log = CdkLog()
    told = [text for line in LINES.splitlines() if (text := log.read(line))]
    assert told == ["GlobalStack is done: 2 resources"]
    assert log.state == "tandem-primary-staging 7 of 52"


def test_a_log_is_followed_until_its_process_ends(tmp_path: Path) -> None:
    log, output = tmp_path / "deploy.log", io.StringIO()
    script = f"import sys; sys.stdout.write({LINES!r})"
    with log.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-X", "utf8", "-c", script], stdout=file)
    follow(process, log, Progress(Console(file=output, width=200)))
    assert process.returncode == 0
    assert "GlobalStack is done: 2 resources" in output.getvalue()


def test_the_last_lines_of_a_log_are_those_that_say_anything(tmp_path: Path) -> None:
    log = tmp_path / "deploy.log"
    log.write_text("\n".join(f"line {n}\n" for n in range(50)) + "\n\n")
    assert last_lines(log) == [f"line {n}" for n in range(35, 50)]


def test_without_a_terminal_a_phase_is_one_line_when_it_begins_and_one_when_it_has_ended() -> None:
    output, now = io.StringIO(), [0.0]
    with Progress(Console(file=output, width=200), clock=lambda: now[0]) as progress, progress.phase("converge [x]"):
        for _ in range(100):
            progress.show("98/s acknowledged")
            now[0] += 1
    assert [line.split("  ", 2)[-1].strip() for line in output.getvalue().splitlines()] == [
        "converge [x]",
        "converge [x]: ended after 100.0 s",
    ]


def test_without_a_terminal_nobody_is_asked_how_it_stands() -> None:
    def read() -> str:
        raise AssertionError("nobody sees it")

    with Progress(Console(file=io.StringIO())).watching(read):
        pass
