"""The experiments of a stage's game days: found, started, looked at and stopped through AWS FIS."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contract.game_days import EXPERIMENTS, NAME_TAG
from operations.errors import OperationError, WrongInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

COMPLETED, STOPPED = "completed", "stopped"
ENDED = (COMPLETED, STOPPED, "failed", "cancelled")
"""The states that an experiment does not leave (AWS FIS API Reference, ExperimentState)."""


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """An experiment as FIS tells it: its id, the name of its template, its state, and why it is in that."""

    id: str
    name: str
    status: str
    reason: str

    @property
    def ended(self) -> bool:
        """Whether it is over, in whatever way."""
        return self.status in ENDED


def template_of(endpoint: Endpoint, deployment: Deployment, name: str) -> str:
    """Return the id of an experiment's template in the primary Region.

    Raises WrongInputError where the stage has none, OperationError when FIS does not tell.
    """
    wanted = deployment.names.experiment(name)
    try:
        pages = _fis(endpoint, deployment).get_paginator("list_experiment_templates").paginate()
        tagged = {
            each.get("tags", {}).get(NAME_TAG): each["id"] for page in pages for each in page["experimentTemplates"]
        }
    except (BotoCoreError, ClientError) as error:
        raise OperationError(f"AWS FIS of {deployment.regions.primary} did not list its templates: {error}") from error
    if wanted not in tagged:
        raise WrongInputError(
            f"stage {deployment.stage!r} has no experiment {name!r} in {deployment.regions.primary}: deploy it with "
            "game_days.experiments = true"
        )
    return str(tagged[wanted])


def start(endpoint: Endpoint, deployment: Deployment, name: str) -> Experiment:
    """Start an experiment, once however often the call is tried; raises what `template_of` raises."""
    template = template_of(endpoint, deployment, name)
    try:
        answer = _fis(endpoint, deployment).start_experiment(
            clientToken=str(uuid.uuid4()),
            experimentTemplateId=template,
            tags={NAME_TAG: deployment.names.experiment(name)},
        )
    except (BotoCoreError, ClientError) as error:
        raise OperationError(f"experiment {name} could not be started: {error}") from error
    return _told(answer["experiment"], deployment)


def look(endpoint: Endpoint, deployment: Deployment, experiment: str) -> Experiment:
    """Return how an experiment is now; raises OperationError when FIS does not tell or knows none of this id."""
    try:
        answer = _fis(endpoint, deployment).get_experiment(id=experiment)
    except (BotoCoreError, ClientError) as error:
        raise OperationError(f"experiment {experiment} could not be looked at: {error}") from error
    return _told(answer["experiment"], deployment)


def stop(endpoint: Endpoint, deployment: Deployment, experiment: str) -> None:
    """Have an experiment undo what it does; raises OperationError when that could not be asked for."""
    try:
        _fis(endpoint, deployment).stop_experiment(id=experiment)
    except (BotoCoreError, ClientError) as error:
        raise OperationError(
            f"experiment {experiment} could not be stopped: {error}: {stop_command(deployment, experiment)}"
        ) from error


def stop_command(deployment: Deployment, experiment: str) -> str:
    """Return what stops an experiment without this command."""
    return f"aws fis stop-experiment --region {deployment.regions.primary} --id {experiment}"


def _fis(endpoint: Endpoint, deployment: Deployment) -> Any:
    return endpoint.client("fis", deployment.regions.primary)


def _told(experiment: Mapping[str, Any], deployment: Deployment) -> Experiment:
    tag = experiment.get("tags", {}).get(NAME_TAG, "")
    known = {deployment.names.experiment(name): name for name in EXPERIMENTS}
    state = experiment["state"]
    return Experiment(
        id=str(experiment["id"]),
        name=known.get(tag, str(experiment["experimentTemplateId"])),
        status=str(state["status"]),
        reason=str(state.get("reason", "")),
    )
