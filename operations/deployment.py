"""What is deployed: read from the Parameter Store of each Region that answers, never from a stack."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contract import parameters
from contract.checks import HEALTH_PATH, checked_path
from contract.names import StageNames
from contract.settings_file import UnreadableSettingsError, values_of
from operations.answers import UnreadableAnswerError
from operations.errors import CredentialsError, OperationError, WrongInputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from operations.endpoint import Endpoint

_INSTALLED = Path(__file__).resolve().with_name("settings")
SETTINGS = _INSTALLED if _INSTALLED.is_dir() else _INSTALLED.parents[1] / "settings"
"""The settings of this checkout, or of the one that the installed wheel was built from, wherever the command is run."""


@dataclass(frozen=True, kw_only=True)
class Regions:
    """The Regions of a stage, by the role they were deployed in, whichever of them writes now.

    A stage of one Region has it in both roles.
    """

    primary: str = "us-east-1"
    secondary: str = "us-west-2"

    @property
    def both(self) -> tuple[str, ...]:
        """Primary first; the only one of a stage that has one."""
        return (self.primary,) if self.single else (self.primary, self.secondary)

    @property
    def single(self) -> bool:
        """Say whether the stage has one Region, nothing to fail over to."""
        return self.primary == self.secondary


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One stage: its Regions and, for each Region that answered, its parameters under `/tandem/<stage>/`."""

    stage: str
    regions: Regions
    parameters: Mapping[str, Mapping[str, str]]

    def has(self, region: str) -> bool:
        """Say whether the Region answered and holds parameters of this stage."""
        return bool(self.parameters.get(region))

    def get(self, region: str, key: str) -> str:
        """Return a parameter of a Region; raises OperationError when the Region or the key is not there."""
        if not self.has(region):
            raise OperationError(f"{region} did not answer, or stage {self.stage!r} is not deployed there")
        try:
            return self.parameters[region][key]
        except KeyError:
            raise OperationError(
                f"parameter {parameters.name_of(self.stage, key)} is missing in {region}: deploy the stage again"
            ) from None

    def find(self, region: str, key: str) -> str | None:
        """Return a parameter of a Region, or None."""
        return self.parameters.get(region, {}).get(key) or None

    @property
    def names(self) -> StageNames:
        """What a stage's resources are called where no parameter tells it."""
        return StageNames(stage=self.stage)

    def journal_table(self, region: str) -> str:
        """Name of a Region's replica of the journal."""
        return self.find(region, parameters.JOURNAL_TABLE) or self.names.journal_table

    def operational_table(self, region: str) -> str:
        """Name of a Region's replica of the operational table."""
        return self.find(region, parameters.OPERATIONAL_TABLE) or self.names.operational_table

    @property
    def global_cluster(self) -> str:
        """Identifier of the Aurora global database."""
        for region in (self.regions.secondary, self.regions.primary):
            if cluster := self.find(region, parameters.LEDGER_GLOBAL_CLUSTER):
                return cluster
        return self.names.global_cluster

    def cluster_arn(self, region: str) -> str:
        """ARN of the Aurora cluster of a Region."""
        return self.get(region, parameters.LEDGER_CLUSTER_ARN)

    @property
    def account(self) -> str | None:
        """The account that the stage is in, by the ARN of a ledger; None where no Region tells one."""
        arns = (self.find(region, parameters.LEDGER_CLUSTER_ARN) for region in self.parameters)
        return next((arn.split(":")[4] for arn in arns if arn and arn.count(":") > 4), None)  # noqa: PLR2004 - an ARN's field

    @property
    def api_name(self) -> str:
        """The one name of the API, whichever Region answers to it.

        Raises WrongInputError when the stage has no domain, OperationError when no Region answers.
        """
        api_name = next(
            (name for region in self.regions.both if (name := self.find(region, parameters.API_NAME))), None
        )
        if api_name is not None:
            return api_name
        if self.api_urls:
            raise WrongInputError(no_domain(self.stage))
        name = parameters.name_of(self.stage, parameters.API_NAME)
        raise OperationError(f"parameter {name} is missing: deploy the stage again")

    def health_path(self, region: str) -> str:
        """Return the path at which the Region's API tells whether it works, which is nobody else's to know."""
        return checked_path(HEALTH_PATH, self.find(region, parameters.CHECKED_PART))

    @property
    def api_urls(self) -> dict[str, str]:
        """The API's stage URL in each Region that answered."""
        urls = {region: self.find(region, parameters.API_URL) for region in self.parameters}
        return {region: url for region, url in urls.items() if url}


def no_domain(stage: str) -> str:
    """Return what a stage without a domain has not, and what gives it one."""
    return (
        f"stage {stage!r} has no domain, so its API has no one name that moves between Regions: "
        f"add [domain] to settings/{stage}.toml and deploy it, or use the URLs of its Regions"
    )


def find_deployment(
    endpoint: Endpoint, stage: str, regions: Regions, *, ask: Sequence[str] | None = None
) -> Deployment:
    """Read the stage's parameters in both Regions, or only in those to `ask`; one that does not answer is left out.

    Raises WrongInputError when a Region answers and neither holds the stage, OperationError when no Region answers,
    CredentialsError when none does and one refuses the credentials.
    """
    parameters: dict[str, dict[str, str]] = {}
    problems: list[str] = []
    refused: CredentialsError | None = None
    for region in ask or regions.both:
        try:
            parameters[region] = _read(endpoint, stage, region)
        except (BotoCoreError, ClientError) as error:
            problems.append(f"{region}: {error}")
        except CredentialsError as error:
            refused = error
    if refused is not None and not parameters:
        raise refused
    if not parameters:
        raise OperationError(f"{_nobody(ask)} ({'; '.join(problems)}): check network and credentials")
    if not any(parameters.values()):
        raise WrongInputError(
            f"stage {stage!r} is not deployed in {' or '.join(parameters)}: deploy it, or give another --stage"
        )
    return Deployment(stage=stage, regions=regions, parameters=parameters)


def _nobody(asked: Sequence[str] | None) -> str:
    return f"{' and '.join(asked)} did not answer" if asked else "no Region answered"


def _read(endpoint: Endpoint, stage: str, region: str) -> dict[str, str]:
    prefix = parameters.path_of(stage)
    pages = endpoint.parameters(region).get_paginator("get_parameters_by_path").paginate(Path=prefix, Recursive=True)
    values = {}
    for page in pages:
        if "Parameters" not in page:  # AWS sends the list even when it is empty
            raise UnreadableAnswerError(operation="GetParametersByPath", reason="no list of parameters")
        values.update({item["Name"].removeprefix(prefix): item["Value"] for item in page["Parameters"]})
    return values


def regions_of(stage: str, settings: Path = SETTINGS) -> tuple[Regions, str]:
    """Return the Regions and the topology that `<settings>/<stage>.toml` names, the defaults where it names none.

    Raises WrongInputError for a stage without settings, naming those that have some, and for a file that is no TOML.
    """
    values = settings_of(stage, settings)
    named = values.get("regions", values)
    named = named if isinstance(named, dict) else values
    default = Regions()
    topology = str(values.get("topology", "dual"))
    primary = str(named.get("primary_region", named.get("primary", default.primary)))
    secondary = str(named.get("secondary_region", named.get("secondary", default.secondary)))
    return Regions(primary=primary, secondary=primary if topology == "single" else secondary), topology


def need_domain(stage: str, settings: Path = SETTINGS) -> None:
    """Raise WrongInputError when `<settings>/<stage>.toml` names no domain."""
    if "domain" not in settings_of(stage, settings):
        raise WrongInputError(no_domain(stage))


def settings_of(stage: str, settings: Path = SETTINGS) -> dict[str, Any]:
    """Return what `<settings>/<stage>.toml` holds; raises WrongInputError where it is not there or cannot be read."""
    path = settings / f"{stage}.toml"
    try:
        return values_of(path)
    except FileNotFoundError:
        known = ", ".join(sorted(each.stem for each in settings.glob("*.toml"))) or "none"
        raise WrongInputError(
            f"stage {stage!r} has no settings in {settings} (known: {known}): give one of these, or --settings FOLDER"
        ) from None
    except UnreadableSettingsError as error:
        raise WrongInputError(str(error)) from error
