"""Experiments are found by their tag, started once, told by their state, and stopped by their id."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from contract.game_days import DYNAMODB, NAME_TAG, REPLICATION
from operations.deployment import Deployment, Regions
from operations.errors import OperationError, WrongInputError
from operations.experiments import look, start, stop, stop_command, template_of

STAGE = "staging"
DEPLOYMENT = Deployment(stage=STAGE, regions=Regions(), parameters={})


class Pages:
    """A paginator of what it is given, one item a page."""

    def __init__(self, items: list[dict[str, Any]]) -> None:
        self._items = items

    def paginate(self) -> list[dict[str, Any]]:
        return [{"experimentTemplates": [each]} for each in self._items]


class Fis:
    """A client of FIS with these templates, whose experiments have this state."""

    def __init__(self, tags: list[str], status: str = "running", reason: str = "it runs") -> None:
        self.templates = [{"id": f"EXT{number}", "tags": {NAME_TAG: tag}} for number, tag in enumerate(tags)]
        self.status, self.reason = status, reason
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refuses = False

    def get_paginator(self, name: str) -> Pages:
        assert name == "list_experiment_templates"
        return Pages(self.templates)

    def _answer(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((name, given))
        if self.refuses:
            raise ClientError({"Error": {"Code": "ValidationException", "Message": "no"}}, name)
        state = {"status": self.status, "reason": self.reason}
        tags = given.get("tags", {NAME_TAG: f"tandem-{REPLICATION}-{STAGE}"})
        return {"experiment": {"id": "EXP1", "experimentTemplateId": "EXT1", "state": state, "tags": tags}}

    def start_experiment(self, **given: Any) -> dict[str, Any]:
        return self._answer("StartExperiment", given)

    def get_experiment(self, **given: Any) -> dict[str, Any]:
        return self._answer("GetExperiment", given)

    def stop_experiment(self, **given: Any) -> dict[str, Any]:
        return self._answer("StopExperiment", given)


class Aws:
    """An endpoint that has FIS alone, and notes which Region was asked."""

    def __init__(self, fis: Fis) -> None:
        self.fis, self.asked = fis, set[str]()

    def client(self, service: str, region: str) -> Fis:
        assert service == "fis"
        self.asked.add(region)
        return self.fis


def aws(*experiments: str, **state: str) -> Any:
    return Aws(Fis([f"tandem-{each}-{STAGE}" for each in experiments], **state))


def test_a_template_is_found_by_its_tag_in_the_primary_region() -> None:
    endpoint = aws("cross-region", REPLICATION)
    assert template_of(endpoint, DEPLOYMENT, REPLICATION) == "EXT1"
    assert endpoint.asked == {"us-east-1"}


def test_a_stage_without_the_experiment_is_told_how_to_get_it() -> None:
    with pytest.raises(WrongInputError, match=r"no experiment 'cut-dynamodb'.*game_days\.experiments = true"):
        template_of(aws(REPLICATION), DEPLOYMENT, DYNAMODB)


def test_another_stages_experiment_is_not_this_ones() -> None:
    with pytest.raises(WrongInputError, match="no experiment"):
        template_of(Aws(Fis([f"tandem-{REPLICATION}-prod"])), DEPLOYMENT, REPLICATION)  # type: ignore[arg-type]


def test_it_is_started_with_a_token_of_its_own_and_the_tag_of_its_template() -> None:
    endpoint = aws(REPLICATION)
    for _ in range(2):
        started = start(endpoint, DEPLOYMENT, REPLICATION)
        assert (started.id, started.name, started.status, started.ended) == ("EXP1", REPLICATION, "running", False)
    given = [each for name, each in endpoint.fis.calls if name == "StartExperiment"]
    assert len({each["clientToken"] for each in given}) == 2
    assert {each["experimentTemplateId"] for each in given} == {"EXT0"}


@pytest.mark.parametrize("status", ["completed", "stopped", "failed", "cancelled"])
def test_it_has_ended_in_each_state_that_it_does_not_leave(status: str) -> None:
    found = look(aws(REPLICATION, status=status, reason="because"), DEPLOYMENT, "EXP1")
    assert (found.ended, found.reason) == (True, "because")


def test_what_fis_refuses_is_told_with_what_stops_it_by_hand() -> None:
    endpoint = aws(REPLICATION)
    endpoint.fis.refuses = True
    with pytest.raises(OperationError, match="could not be started"):
        start(endpoint, DEPLOYMENT, REPLICATION)
    with pytest.raises(OperationError, match="aws fis stop-experiment --region us-east-1 --id EXP1"):
        stop(endpoint, DEPLOYMENT, "EXP1")
    assert stop_command(DEPLOYMENT, "EXP9") == "aws fis stop-experiment --region us-east-1 --id EXP9"
