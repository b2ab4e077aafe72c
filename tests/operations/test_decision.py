"""When moving the ledger by force is refused, and what is said before it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from operations.decision import Move, look, objection
from operations.deployment import Deployment, Regions
from operations.errors import OperationError
from tests.operations.states import A, B

ARN = "arn:aws:rds:us-west-2:123456789012:cluster:ledger"


def move(seconds: float | None, *, traffic: str | None = A, writes: bool | None = False) -> Move:
    return Move(
        account="123456789012", stage="prod", leaving=A, to=B, beat_seconds=seconds, traffic=traffic, writes=writes
    )


def test_a_region_that_beats_is_not_left_by_force() -> None:
    assert objection(move(3.0)) == f"{A} lives, beat 3 s ago: --planned loses nothing; --force goes on"
    assert objection(move(59.0)) is not None


@pytest.mark.parametrize("seconds", [60.0, 3600.0, None])
def test_a_region_that_does_not_beat_or_of_which_nothing_is_known_is_left(seconds: float | None) -> None:
    assert objection(move(seconds)) is None


@pytest.mark.parametrize(("seconds", "refused"), [(29.0, True), (35.0, False)])
def test_once_dns_has_moved_only_a_beat_from_after_the_first_failed_check_counts(
    seconds: float,
    refused: bool,  # noqa: FBT001 - pytest gives it
) -> None:
    assert (objection(move(seconds, traffic=B)) is not None) is refused


def test_a_failover_whose_writer_has_moved_is_finished_although_the_other_region_beats_again() -> None:
    assert objection(move(3.0, writes=True)) is None
    assert objection(move(3.0, writes=None)) is not None


class Client:
    """What the Region that is moved to tells; it fails when another is asked."""

    def __init__(self, *, away: bool = False) -> None:
        self.away = away

    def _at(self, region: str) -> Client:
        assert region == B, f"{region} is left, and was asked"
        return self

    dynamodb = rds = _at

    def get_item(self, **_: Any) -> dict[str, Any]:
        if self.away:
            raise EndpointConnectionError(endpoint_url="https://dynamodb")
        return {"Item": {"at": {"N": str(time.time() - 5)}}}

    def describe_global_clusters(self, **_: Any) -> dict[str, Any]:
        if self.away:
            raise EndpointConnectionError(endpoint_url="https://rds")
        members = [{"DBClusterArn": ARN, "IsWriter": True}]
        return {"GlobalClusters": [{"Status": "available", "GlobalClusterMembers": members}]}


DEPLOYMENT = Deployment(
    stage="prod", regions=Regions(), parameters={B: {"api-name": "api.example.net", "ledger-cluster-arn": ARN}}
)


def test_what_is_known_before_a_failover_is_asked_of_the_region_that_it_moves_to_alone() -> None:
    seen = look(Client(), DEPLOYMENT, to=B, traffic=lambda *_: B)  # type: ignore[arg-type]
    assert (seen.account, seen.leaving, seen.traffic, seen.writes) == ("123456789012", A, B, True)
    assert seen.line == f"account 123456789012, stage prod: from {A} (last beat 5 s ago) to {B}"


def test_what_cannot_be_read_before_a_failover_is_unknown_and_does_not_stop_it() -> None:
    def silent(*_: Any) -> str:
        raise OperationError("no answer in DNS")

    seen = look(Client(away=True), DEPLOYMENT, to=B, traffic=silent)  # type: ignore[arg-type]
    assert (seen.beat_seconds, seen.traffic, seen.writes) == (None, None, None)
    assert "last beat unknown" in seen.line
    assert objection(seen) is None
