"""What the commands share: the options that say which stage is meant, and where their words go."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, TypeAlias

from cyclopts import Parameter
from rich.console import Console
from rich.markup import escape

from command.values import Folder, RegionName, StageName
from operations.clock import CLOCK, Clock
from operations.deployment import SETTINGS, Regions, regions_of
from operations.endpoint import PATIENCE_SECONDS, Endpoint
from operations.errors import OperationError, WrongInputError

DEFAULT_STAGE = "staging"
"""The stage that is looked at, or drilled, when none is named."""

Settings: TypeAlias = Annotated[
    Folder, Parameter(show_default=False, help="those of another checkout (default: of this one)")
]

LEFT_TO_DO = 3
"""The exit status of a command that worked and leaves something to do."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Which stage is meant, and the AWS that it is in."""

    stage: StageName
    endpoint_url: Annotated[
        str | None, Parameter(help="an embedded AWS instead of the real one (default: TANDEM_ENDPOINT_URL)")
    ] = None
    primary_region: Annotated[RegionName | None, Parameter(help="default: the stage's settings")] = None
    secondary_region: Annotated[RegionName | None, Parameter(help="default: the stage's settings")] = None


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Deployed(Place):
    """A deployed stage that is looked at. Its settings may be those of another checkout."""

    stage: StageName = DEFAULT_STAGE
    settings: Settings = SETTINGS


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Changed(Place):
    """A deployed stage that is changed. It has no default: nobody acts on a stage that he has not named."""

    settings: Settings = SETTINGS


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Drilled(Place):
    """A stage that a command deploys in an embedded AWS as this checkout has it."""

    stage: StageName = DEFAULT_STAGE
    endpoint_url: Annotated[str | None, Parameter(help="an embedded AWS that already runs (default: its own)")] = None


@dataclass(frozen=True, kw_only=True)
class Output:
    """Where a command's words go: lines as they are, in a style where there is a terminal that has colours."""

    console: Console = field(default_factory=Console)

    def say(self, line: str, *, style: str | None = None) -> None:
        """Print one line as it is."""
        self.console.print(escape(line), soft_wrap=True, highlight=False, style=style)

    def steps(self, clock: Clock = CLOCK) -> Callable[[str], None]:
        """Return what says each step of a command with the seconds since this was called."""
        begun = clock.now()
        return lambda line: self.say(f"{clock.now() - begun:6.1f} s  {line}")


@dataclass(frozen=True, kw_only=True)
class Invocation(Output):
    """One run of a command on a stage: the Regions that it means, and where its words go."""

    place: Place
    regions: Regions
    topology: str

    @property
    def stage(self) -> str:
        """The stage's name."""
        return self.place.stage

    def confirm(self, question: str, *, yes: bool) -> None:
        """Ask before something is changed, unless `yes` was given.

        Raises WrongInputError where there is no terminal to ask, OperationError when the answer is not yes.
        """
        if yes:
            return
        if not sys.stdin.isatty():
            raise WrongInputError("there is no terminal to ask, and nothing was changed: give --yes")
        if input(f"{question} [y/N] ").strip().lower() not in {"y", "yes"}:
            raise OperationError("not confirmed, and nothing was changed: answer y, or give --yes")

    def need_two_regions(self) -> None:
        """Raise WrongInputError when the stage has one Region."""
        if self.topology == "single":
            raise WrongInputError(f"stage {self.stage!r} has one Region, nothing to fail over to: use --stage staging")

    @property
    def url(self) -> str | None:
        """The endpoint that was typed, or that the environment names; None for AWS itself."""
        # the second variable means to every AWS tool what the option means here
        named = (os.environ.get(name) for name in ("TANDEM_ENDPOINT_URL", "AWS_ENDPOINT_URL"))
        return self.place.endpoint_url or next((url for url in named if url), None)

    def endpoint(self, *, timeout_seconds: float = PATIENCE_SECONDS) -> Endpoint:
        """Return the AWS to work on; raises WrongInputError when there are no credentials for it."""
        endpoint = Endpoint(self.url, timeout_seconds=timeout_seconds)
        endpoint.credentials()
        return endpoint


def invocation(place: Place, console: Console | None = None) -> Invocation:
    """Return what a command on `place` works with; raises WrongInputError when the Regions do not fit the stage."""
    regions, topology = regions_of(place.stage, getattr(place, "settings", SETTINGS))
    primary = place.primary_region or regions.primary
    if topology == "single":
        if place.secondary_region:
            raise WrongInputError(f"stage {place.stage!r} has one Region: leave out --secondary-region")
        regions = Regions(primary=primary, secondary=primary)
    else:
        regions = Regions(primary=primary, secondary=place.secondary_region or regions.secondary)
        if regions.single:
            raise WrongInputError(f"primary and secondary Region are both {regions.primary}: give two different ones")
    return Invocation(place=place, regions=regions, topology=topology, console=console or Console())
