"""A played stage is looked at as clients and operators see it, and what is done to it is done once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

import drills.play.stage
from contract import parameters
from drills.clients.resolver import Resolution, ResolutionError
from drills.play.stage import PlayedStage
from drills.play.timeline import Timeline
from operations.deployment import Deployment, Regions
from operations.endpoint import Endpoint
from operations.errors import OperationError, WrongInputError
from tests.drills.played import PRIMARY, REGIONS, SECONDARY, control, status

if TYPE_CHECKING:
    from pathlib import Path

    from drills.prepare import PreparedStage

NAME = "api.staging.example.com"
AUTHORITY = "-----BEGIN CERTIFICATE-----"


class Control:
    """An embedded AWS's control of which Regions can be lost."""

    def __init__(self) -> None:
        self.lost: list[str] = []

    def state(self) -> dict[str, Any]:
        told = control(lost=list(self.lost), dns={}, routing_time_scale=1.0)
        told["tls"]["authority"] = AUTHORITY
        return told

    def faults(self) -> list[dict[str, Any]]:
        return []

    def lose(self, region: str) -> None:
        self.lost.append(region)


class World:
    """What DNS and the ledgers answer."""

    def __init__(self) -> None:
        self.region: str | None = PRIMARY
        self.writer = PRIMARY
        self.control = Control()

    def question(self, name: str) -> Resolution:
        if self.region is None:
            raise ResolutionError(f"{name} has no address")
        return Resolution(canonical=f"d-1.execute-api.{self.region}.amazonaws.com", address="127.0.1.1", ttl=0.0)

    def query(self, *given: Any, **_: Any) -> list[list[Any]]:
        if given[2] in self.control.lost:
            raise OperationError("the ledger does not answer")
        return [["drill-1-00", "150"]]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr(drills.play.stage, "ask", lambda *_, **__: world.question)
    monkeypatch.setattr(drills.play.stage, "tls_of", lambda _: None)
    monkeypatch.setattr(drills.play.stage, "find_deployment", lambda *_: None)
    monkeypatch.setattr(drills.play.stage, "gather", lambda *_: status(writer=world.writer))
    monkeypatch.setattr(drills.play.stage, "query", world.query)
    return world


@pytest.fixture
def timeline() -> Timeline:
    return Timeline()


@pytest.fixture
def stage(world: World, timeline: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PlayedStage:
    told = {
        region: {
            parameters.API_NAME: NAME,
            parameters.LEDGER_CLUSTER_ARN: f"a:cluster:ledger-of-{region}",
            parameters.DATABASE_SECRET_ARN: f"secret-of-{region}",
        }
        for region in REGIONS
    }
    asked: list[str] = []

    def describe_db_clusters(**given: str) -> dict[str, Any]:
        asked.append(given["DBClusterIdentifier"])
        return {"DBClusters": [{"Endpoint": "127.0.1.1", "Port": 5432}]}

    endpoint = Endpoint("http://127.0.0.1:1")
    monkeypatch.setattr(endpoint, "rds", lambda _: SimpleNamespace(describe_db_clusters=describe_db_clusters))
    ready = SimpleNamespace(
        endpoint=endpoint,
        deployment=Deployment(stage="staging", regions=Regions(), parameters=told),
        control=world.control,
    )
    played = PlayedStage(cast("PreparedStage", ready), timeline, work=tmp_path, patience_seconds=1)
    assert asked == [f"ledger-of-{region}" for region in REGIONS]
    assert (tmp_path / "authority.pem").read_text() == AUTHORITY
    return played


def test_it_is_shown_after_the_first_look_and_said_not_to_be_before(stage: PlayedStage) -> None:
    with pytest.raises(OperationError, match="ask again in a second"):
        stage.state()
    stage.look()
    assert stage.state()["worth"] == "unknown"
    stage.read()
    stage.look()
    state = stage.state()
    assert (state["worth"], state["dns"], state["writer"], state["clients"]) == ("healthy", PRIMARY, PRIMARY, 12)
    assert len(state["lines"]) == 7


def test_a_loss_is_done_once_and_what_follows_is_told(stage: PlayedStage, world: World, timeline: Timeline) -> None:
    stage.read()
    stage.look()
    assert stage.act({"do": "lose", "with": PRIMARY}) == [f"lose {PRIMARY}"]
    world.region = world.writer = SECONDARY
    stage.read()
    stage.look()
    stage.look()
    assert world.control.lost == [PRIMARY]
    assert [entry.text for entry in timeline.entries] == [
        f"lose {PRIMARY}",
        f"DNS answers with {SECONDARY}",
        f"all 12 clients use {SECONDARY}",
        f"{SECONDARY} writes the ledger",
        "tandem status says: degraded",
    ]
    assert [region["lost"] for region in stage.state()["regions"]] == [True, False]


def test_a_name_without_an_answer_is_shown_as_that_and_has_no_lines_for_curl(stage: PlayedStage, world: World) -> None:
    world.region = None
    stage.look()
    assert (stage.state()["dns"], stage.state()["clients"], len(stage.state()["lines"])) == (None, 0, 5)


def test_what_is_no_action_is_refused_and_not_noted(stage: PlayedStage, timeline: Timeline) -> None:
    with pytest.raises(WrongInputError):
        stage.act({"do": "lose", "with": "eu-west-1"})
    assert timeline.entries == ()
    assert stage.act({"do": "load", "with": 0}) == ["end the load"]


def test_it_looks_by_itself_until_it_is_closed(stage: PlayedStage) -> None:
    with stage as played:
        assert played.state()["dns"] == PRIMARY
