"""What the commands share on the command line: kinds of values, options, and the Regions that they name."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from rich.markup import escape

from contract.patterns import STAGE_RULE, is_region, is_stage
from operations.clock import CLOCK
from operations.deployment import SETTINGS, Regions, regions_of
from operations.endpoint import PATIENCE_SECONDS, Endpoint
from operations.errors import OperationError, WrongInputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from operations.clock import Clock

DEFAULT_STAGE = "staging"
"""The stage that is looked at, or drilled, when none is named."""

LEFT_TO_DO = 3
"""The exit status of a command that worked and leaves something to do."""

STATUSES = (
    "exit status: 0 done or healthy; 1 failed or unknown; 2 cannot start (usage, credentials, settings); "
    "3 degraded, or part of it is left to do; 130 interrupted"
)


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, which names the help."""

    def error(self, message: str) -> NoReturn:
        """Say one line and leave with exit status 2."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"  # noqa: SLF001 - argparse has no public name for it
"""Where commands are added."""


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """One run of a command: what was typed, the Regions that it means, and where its words go."""

    arguments: argparse.Namespace
    regions: Regions
    topology: str
    console: Console

    def say(self, line: str, *, style: str | None = None) -> None:
        """Print one line as it is, in a style where there is a terminal that has colours."""
        self.console.print(escape(line), soft_wrap=True, highlight=False, style=style)

    def steps(self, clock: Clock = CLOCK) -> Callable[[str], None]:
        """Return what says each step of a command with the seconds since this was called."""
        begun = clock.now()
        return lambda line: self.say(f"{clock.now() - begun:6.1f} s  {line}")

    def confirm(self, question: str) -> None:
        """Ask before something is changed, unless --yes was given.

        Raises WrongInputError where there is no terminal to ask, OperationError when the answer is not yes.
        """
        if self.arguments.yes:
            return
        if not sys.stdin.isatty():
            raise WrongInputError("there is no terminal to ask, and nothing was changed: give --yes")
        if input(f"{question} [y/N] ").strip().lower() not in {"y", "yes"}:
            raise OperationError("not confirmed, and nothing was changed: answer y, or give --yes")

    def need_two_regions(self) -> None:
        """Raise WrongInputError when the stage has one Region."""
        if self.topology == "single":
            stage = self.arguments.stage
            raise WrongInputError(f"stage {stage!r} has one Region, nothing to fail over to: use --stage staging")

    @property
    def url(self) -> str | None:
        """The endpoint that was typed, or that the environment names; None for AWS itself."""
        # the second variable means to every AWS tool what the option means here
        named = (os.environ.get(name) for name in ("TANDEM_ENDPOINT_URL", "AWS_ENDPOINT_URL"))
        return self.arguments.endpoint_url or next((url for url in named if url), None)

    def endpoint(self, *, timeout_seconds: float = PATIENCE_SECONDS) -> Endpoint:
        """Return the AWS to work on; raises WrongInputError when there are no credentials for it."""
        endpoint = Endpoint(self.url, timeout_seconds=timeout_seconds)
        endpoint.credentials()
        return endpoint


def invocation(arguments: argparse.Namespace, console: Console) -> Invocation:
    """Return what `arguments` ask for; raises WrongInputError when their Regions do not fit the stage.

    A command that only sometimes acts has no stage of its own, and says by `acts` when it needs one.
    """
    if arguments.stage is None:
        if arguments.acts(arguments):
            raise WrongInputError("this acts on a stage, and none is named: give --stage")
        arguments.stage = DEFAULT_STAGE
    regions, topology = regions_of(arguments.stage, getattr(arguments, "settings", SETTINGS))
    primary = arguments.primary_region or regions.primary
    if topology == "single":
        if arguments.secondary_region:
            raise WrongInputError(f"stage {arguments.stage!r} has one Region: leave out --secondary-region")
        regions = Regions(primary=primary, secondary=primary)
    else:
        regions = Regions(primary=primary, secondary=arguments.secondary_region or regions.secondary)
        if regions.single:
            raise WrongInputError(f"primary and secondary Region are both {regions.primary}: give two different ones")
    return Invocation(arguments=arguments, regions=regions, topology=topology, console=console)


def stage(text: str) -> str:
    """Return a stage's name as typed."""
    if not is_stage(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a stage: use {STAGE_RULE}")
    return text


def region(text: str) -> str:
    """Return a Region's name as typed."""
    if not is_region(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a Region: give one like us-east-1")
    return text


def number(low: float, high: float) -> Callable[[str], float]:
    """Return what reads a number from `low` to `high`."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {low:g} to {high:g}")
        return value

    return parse


def add_command(
    commands: Commands,
    name: str,
    text: str,
    *,
    run: Callable[[Invocation], int],
    deployed: bool = True,
    default_stage: str | None = DEFAULT_STAGE,
) -> Any:
    """Add a command with the options that all have; `run` carries it out and returns its exit status.

    A command on a stage that is `deployed` may be given the settings of another checkout; the others deploy what this
    checkout says. What changes a deployed stage has no `default_stage`: nobody acts on one that he has not named.
    """
    command = commands.add_parser(name, help=text, description=text, epilog=STATUSES)
    command.set_defaults(run=run)
    text = "stage to work on" + (f" (default: {default_stage})" if default_stage else "")
    command.add_argument("--stage", type=stage, default=default_stage, required=default_stage is None, help=text)
    default = " (default: TANDEM_ENDPOINT_URL)" if deployed else ""
    command.add_argument("--endpoint-url", metavar="URL", help=f"an embedded AWS instead of the real one{default}")
    if deployed:
        command.add_argument(
            "--settings", type=Path, default=SETTINGS, metavar="FOLDER", help="default: those of this checkout"
        )
    command.add_argument("--primary-region", type=region, metavar="REGION", help="default: the stage's settings")
    command.add_argument("--secondary-region", type=region, metavar="REGION", help="default: the stage's settings")
    return command
