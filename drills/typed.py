"""Commands of the runbook, typed on a deployed stage of the embedded AWS by the operators' role, and their output."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from drills.embedded.control import Control
from drills.embedded.isolation import ROOT, isolated_environment
from drills.roles import names_of, session_of
from operations.deployment import Regions, find_deployment
from operations.endpoint import Endpoint
from operations.errors import OperationError
from operations.status import gather
from operations.verdict import HEALTHY, verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from operations.deployment import Deployment

STAGE = "staging"
WHO = "anna"
PATIENCE_SECONDS = 540.0
POLL_SECONDS = 2.0
STEADY = 3
"""How often in a row a stage has to look healthy: the command that is typed next looks seconds later."""
COMMAND_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that happens: a heading, what there is to know, and the command that is typed, if one is."""

    heading: str
    text: str = ""
    command: str | None = None
    statuses: tuple[int, ...] = (0,)
    before: Callable[[Night], str | None] = field(default=lambda _: None)

    @property
    def key(self) -> str:
        """What a page names to show what this printed: the situation, and the command without the stage."""
        return f"{self.heading}: {(self.command or '').replace(f' --stage {STAGE}', '')}"


@dataclass(kw_only=True)
class Night:
    """The stage that it happens to, the transcript so far, and by each step's key what was typed and printed."""

    endpoint: Endpoint
    control: Control
    deployment: Deployment
    environment: dict[str, str]
    began: float = field(default_factory=time.monotonic)
    lines: list[str] = field(default_factory=list)
    printed: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def on(cls, url: str) -> Night:
        """Work on the stage in the embedded AWS at `url`, by the operators' role."""
        endpoint, regions = Endpoint(url), Regions()
        role = names_of(STAGE).role_arn(names_of(STAGE).operator_role)
        environment = isolated_environment(url) | session_of(endpoint, role, region=regions.secondary, name=WHO)
        environment |= {"TANDEM_ENDPOINT_URL": url, "COLUMNS": "120"}
        deployment = find_deployment(endpoint, STAGE, regions)
        return cls(endpoint=endpoint, control=Control(url), deployment=deployment, environment=environment)

    def run(self, step: Step) -> None:
        """Do a step and write it down; raises OperationError when its command ends otherwise than it should."""
        happened = step.before(self)
        self.lines += [f"## {step.heading}", "", step.text, ""]
        if happened:
            self.lines += [*block(happened), ""]
        if step.command is None:
            return
        began = time.monotonic()
        status, said = self._type(step.command)
        if status not in step.statuses:
            raise OperationError(f"{step.command} ended with {status}: {said[:500]}")
        took = time.monotonic() - began
        self.printed[step.key] = [f"    $ {step.command}", *block(said)]
        self.lines += [f"{took:.1f} s, exit status {status}:", "", *self.printed[step.key], ""]

    def _type(self, command: str) -> tuple[int, str]:
        process = subprocess.run(
            [sys.executable, "-m", "command.cli", *shlex.split(command)[1:]],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        url = self.endpoint.url or ""
        said = (process.stdout + process.stderr).replace(str(ROOT) + os.sep, "")
        return process.returncode, said.replace(url, "the embedded AWS").replace(
            urlsplit(url).netloc, "the embedded AWS"
        )

    def wait(self, holds: Callable[[], bool], otherwise: str) -> None:
        """Wait until something is so; raises OperationError when it never is."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            if time.monotonic() >= deadline:
                raise OperationError(f"{otherwise} within {PATIENCE_SECONDS:.0f} s")
            time.sleep(POLL_SECONDS)

    def verdict(self) -> str:
        """The first line that `tandem status` would print now."""
        return verdict(gather(self.endpoint, self.deployment)).line


def block(text: str) -> list[str]:
    """What was printed, as lines of a page."""
    return [f"    {line}".rstrip() for line in text.rstrip().splitlines()]


def healthy(night: Night) -> None:
    """Wait until all is well for a while, and every alarm has been told something: a new one says nothing yet."""
    in_a_row = 0

    def well() -> bool:
        nonlocal in_a_row
        state = gather(night.endpoint, night.deployment)
        settled = verdict(state).status == HEALTHY and not any(known.starting for known in state.regions.values())
        in_a_row = in_a_row + 1 if settled else 0
        return in_a_row >= STEADY

    night.wait(well, "the stage was not healthy")


def waited(action: Callable[[Night], Any]) -> Callable[[Night], str | None]:
    """Have an action be done before a step, of which the page says nothing."""

    def before(night: Night) -> None:
        action(night)

    return before
