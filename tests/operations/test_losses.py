"""What a failover would lose is told by the Region that it moves to, and what that does not tell is unknown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from operations.caller import caller
from operations.deployment import Deployment, Regions
from operations.losses import losses
from tests.operations.states import A, B

if TYPE_CHECKING:
    from collections.abc import Iterator

DEPLOYMENT = Deployment(stage="prod", regions=Regions(), parameters={B: {"role": "secondary"}})


class Client:
    """The surviving Region, with one item in each bucket that is asked for."""

    def __init__(self, *, strong: bool = True, behind: float | None = None, failing: str = "") -> None:
        self.strong, self.behind, self.failing = strong, behind, failing
        self.buckets: list[str] = []

    def at(self, region: str) -> Client:
        assert region == B, "the Region that is left may keep one waiting"
        return self

    dynamodb = cloudwatch = at

    def client(self, _: str, region: str) -> Client:
        return self.at(region)

    def _fail(self, operation: str) -> None:
        if operation == self.failing:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, operation)

    def describe_table(self, **_: Any) -> dict[str, Any]:
        self._fail("describe_table")
        return {"Table": {"MultiRegionConsistency": "STRONG"} if self.strong else {}}

    def get_metric_statistics(self, **_: Any) -> dict[str, Any]:
        self._fail("get_metric_statistics")
        points = [] if self.behind is None else [{"Timestamp": 0, "Maximum": self.behind * 1000}]
        return {"Datapoints": points}

    def get_paginator(self, operation: str) -> Client:
        assert operation == "query"
        return self

    def paginate(self, **given: Any) -> Iterator[dict[str, Any]]:
        self._fail("query")
        assert given["ExpressionAttributeNames"] == {"#bucket": "bucket"}, "`bucket` is a reserved word of DynamoDB's"
        assert given["KeyConditionExpression"].startswith("#bucket = :bucket AND ")
        self.buckets.append(given["ExpressionAttributeValues"][":bucket"]["S"])
        yield {"Count": 1}

    def get_caller_identity(self) -> dict[str, Any]:
        if self.failing == "get_caller_identity":
            raise EndpointConnectionError(endpoint_url="https://sts")
        return {"Arn": "arn:aws:iam::1:user/anna"}


def told(client: Any, *, beat_seconds: float | None = 40.0) -> tuple[str, ...]:
    return losses(client, DEPLOYMENT, leaving=A, to=B, beat_seconds=beat_seconds).lines


def test_a_strong_journal_loses_nothing_and_an_eventual_one_says_what_is_away() -> None:
    assert told(Client())[0] == f"journal: 0 lost, because what was acknowledged is in {B} too"
    away = told(Client(strong=False))[0]
    assert f"what {A} acknowledged and had not replicated, at most those of the last 40 s, is away" in away


def test_the_rows_are_those_of_both_origins_since_the_last_beat_and_as_long_as_the_standby_was_behind() -> None:
    client: Any = Client(behind=20.0)
    known = losses(client, DEPLOYMENT, leaving=A, to=B, beat_seconds=40.0)
    assert known.seconds == 60.0
    assert known.rows == len(client.buckets) == len(set(client.buckets))
    assert {bucket.partition("#")[0] for bucket in client.buckets} == {A, B}
    assert f"at most {known.rows} rows (of the last 60 s)" in known.lines[1]


@pytest.mark.parametrize(
    ("failing", "line", "said"),
    [
        ("describe_table", 0, "journal: unknown"),
        ("get_metric_statistics", 1, "ledger: unknown"),
        ("query", 1, "ledger: unknown"),
    ],
)
def test_what_is_not_told_is_unknown(failing: str, line: int, said: str) -> None:
    assert told(Client(failing=failing))[line].startswith(said)


def test_documents_that_s3_had_still_to_copy_are_those_that_it_told_the_region_that_they_are_copied_to() -> None:
    class Copying(Client):
        def at(self, region: str) -> Client:  # noqa: ARG002 - the same for every Region
            return self

        cloudwatch = dynamodb = at

        def get_metric_statistics(self, **given: Any) -> dict[str, Any]:
            if given["Namespace"] != "AWS/S3":
                return {"Datapoints": []}
            self.dimensions = {each["Name"]: each["Value"] for each in given["Dimensions"]}
            at = datetime.now(tz=UTC) - timedelta(seconds=90)
            return {"Datapoints": [{"Timestamp": at, "Maximum": 7.0}]}

    client: Any = Copying()
    told_there = {
        "documents-bucket": "documents-of-b",
        "ledger-cluster-arn": f"arn:aws:rds:{B}:123456789012:cluster:tandem-ledger-prod-{B}",
    }
    deployment = Deployment(stage="prod", regions=Regions(), parameters={B: told_there})
    line = losses(client, deployment, leaving=A, to=B, beat_seconds=None).lines[2]
    assert line == f"documents: 7 were not copied yet, 90 s ago; what is not copied comes when {A} returns"
    source = f"tandem-documents-prod-{A}-123456789012"
    assert client.dimensions == {"SourceBucket": source, "DestinationBucket": "documents-of-b", "RuleId": "documents"}
    assert "documents: unknown" in told(Client())[2]


def test_a_region_that_never_beat_and_one_long_silent_are_counted_by_nobody() -> None:
    client = Client()
    assert told(client, beat_seconds=None)[1].startswith("ledger: unknown")
    assert "not counted" in told(client, beat_seconds=7200.0)[1]
    assert client.buckets == []


def test_who_acts_is_told_by_the_surviving_region_or_unknown() -> None:
    here: Any = Client()
    silent: Any = Client(failing="get_caller_identity")
    assert caller(here, B) == "arn:aws:iam::1:user/anna"
    assert caller(silent, B) == "unknown"
