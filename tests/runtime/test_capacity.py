"""What a Region lacks for the other one's peak, and what its projector asks for, by what AWS tells."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from tandem_runtime.capacity.adapters import limit, open_shards, peak
from tandem_runtime.capacity.logic import demand, shortfall
from tests.functions import environment, load

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Aws:
    """Both Regions' Lambda, CloudWatch and streams in one."""

    def __init__(self, *, limit: float = 1000, points: tuple[float, ...] = (), error: Exception | None = None) -> None:
        self.limit, self.points, self.error = limit, points, error
        self.asked: list[Mapping[str, Any]] = []

    def get_account_settings(self) -> dict[str, Any]:
        return {"AccountLimit": {"ConcurrentExecutions": self.limit}}

    def get_metric_statistics(self, **asked: Any) -> dict[str, Any]:
        if self.error:
            raise self.error
        self.asked.append(asked)
        return {"Datapoints": [{"Maximum": point} for point in self.points]}

    def describe_stream(self, **asked: Any) -> dict[str, Any]:
        """Three pages: two shards are open, one is closed, and the last page is empty."""
        self.asked.append(asked)
        pages: dict[str | None, tuple[list[dict[str, str]], str]] = {
            None: (
                [{"StartingSequenceNumber": "1"}, {"StartingSequenceNumber": "1", "EndingSequenceNumber": "9"}],
                "b",
            ),
            "b": ([{"StartingSequenceNumber": "10"}], "c"),
            "c": ([], ""),
        }
        ranges, last = pages[asked.get("ExclusiveStartShardId")]
        described: dict[str, Any] = {"Shards": [{"SequenceNumberRange": each} for each in ranges]}
        return {"StreamDescription": described | ({"LastEvaluatedShardId": last} if last else {})}


@pytest.mark.parametrize(("allowed", "used", "lacking"), [(1000, 0, 0), (1000, 1000, 0), (10, 400, 390)])
def test_what_a_region_lacks_is_the_other_ones_peak_above_its_own_limit(
    allowed: float, used: float, lacking: float
) -> None:
    assert shortfall(allowed, used) == lacking


def test_the_peak_is_the_highest_point_of_two_weeks_in_no_more_points_than_one_answer_holds() -> None:
    aws = Aws(points=(3, 41, 7))
    assert peak(aws, NOW) == 41
    [asked] = aws.asked
    assert (asked["EndTime"] - asked["StartTime"]).total_seconds() / asked["Period"] <= 1440
    assert peak(Aws(), NOW) == 0


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="https://monitoring.us-east-1.amazonaws.com"),
        ClientError({"Error": {"Code": "InternalServiceError"}}, "GetMetricStatistics"),
    ],
)
def test_a_region_that_does_not_answer_leaves_its_peak_unknown_and_not_0(error: Exception) -> None:
    assert peak(Aws(error=error), NOW) is None
    assert shortfall(1000, None) is None


def test_a_projector_is_asked_for_by_each_lane_of_each_open_shard() -> None:
    assert demand(open_shards(Aws(), "stream"), 2) == 4


def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], aws: Aws, **place: str) -> dict[str, Any]:
    for name, value in environment(**place).items():
        monkeypatch.setenv(name, value)
    handler = load("tandem_runtime.capacity.handler")
    monkeypatch.setattr(handler, "client", lambda *_, **__: aws)
    answer = handler.handler({}, None)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    metrics = {
        name: line[name] for line in lines for name in ("ConcurrencyShortfall", "ProjectorDemand") if name in line
    }
    return {"answer": answer, "metrics": metrics}


def test_both_metrics_are_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    aws = Aws(limit=10, points=(40,))
    said = told(monkeypatch, capsys, aws, region="us-west-2", other_region="us-east-1", role="secondary")
    assert said["metrics"] == {"ConcurrencyShortfall": 30, "ProjectorDemand": 4}


def test_a_lost_region_leaves_the_shortfall_untold(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    aws = Aws(error=EndpointConnectionError(endpoint_url="https://monitoring.us-east-1.amazonaws.com"))
    said = told(monkeypatch, capsys, aws, region="us-west-2", other_region="us-east-1", role="secondary")
    assert said["metrics"] == {"ProjectorDemand": 4}
    assert said["answer"]["concurrency_shortfall"] is None


def test_a_stage_of_one_region_has_no_other_one_to_compare_with(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(monkeypatch, capsys, Aws(limit=1, points=(40,)))["metrics"] == {"ProjectorDemand": 4}


def test_the_limit_is_the_accounts() -> None:
    assert limit(Aws(limit=77)) == 77
