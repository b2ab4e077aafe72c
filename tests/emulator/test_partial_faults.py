"""A share of a Region's calls fails or takes longer, and the control tells which and what else may be given."""

from __future__ import annotations

import http.client
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from emulator.faults.partial import STREAMS, Blow, Faults, UnknownFaultError, answer_of
from tests.emulator.running import EAST, WEST, embedded_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.emulator.running import Running


def faults(**given: str) -> Faults:
    made = Faults((EAST, WEST))
    made.add(given)
    return made


def struck(of: Faults, calls: int, region: str = EAST, service: str = "dynamodb", operation: str = "PutItem") -> int:
    return sum(of.blow(region, service, operation) is not None for _ in range(calls))


@pytest.mark.parametrize(("share", "expected"), [("1", 100), ("0.3", 30), ("0.5", 50), ("0.01", 1)])
def test_a_share_is_exact_and_the_same_each_time(share: str, expected: int) -> None:
    assert struck(faults(error="InternalServerError", share=share), 100) == expected


def test_an_operation_may_be_named_by_how_it_begins() -> None:
    made = faults(error="X", service="execute-api", operation="GET /healthz*")
    asked = ("GET /healthz", "GET /healthz/part", "GET /health", "POST /healthz")
    assert [struck(made, 1, service="execute-api", operation=each) for each in asked] == [1, 1, 0, 0]
    assert struck(faults(error="X", operation="GET /healthz"), 1, operation="GET /healthz/part") == 0


def test_only_the_region_service_and_operation_that_are_named_are_struck() -> None:
    made = faults(error="X", region=EAST, service="dynamodb", operation="PutItem")
    assert struck(made, 3) == 3
    assert struck(made, 3, region=WEST) == struck(made, 3, service="s3") == struck(made, 3, operation="GetItem") == 0
    [told] = made.report()["faults"]
    assert (told["met"], told["struck"]) == (3, 3)
    assert made.report()["given"].keys() == {
        "region",
        "service",
        "operation",
        "share",
        "error",
        "status",
        "delay_milliseconds",
    }


def test_delays_add_up_and_the_oldest_error_is_answered() -> None:
    made = Faults((EAST, WEST))
    made.add({"delay_milliseconds": "200"})
    made.add({"delay_milliseconds": "300", "error": "First", "status": "503"})
    made.add({"error": "Second"})
    assert made.blow(EAST, "sts", "AssumeRole") == Blow(delay_seconds=0.5, error="First", status=503)
    assert made.remove(2)
    assert not made.remove(2)
    assert made.blow(EAST, "sts", "AssumeRole") == Blow(delay_seconds=0.2, error="Second", status=500)
    made.remove(None)
    assert not made.active


def test_streams_stop_in_the_region_that_is_named_and_need_no_error() -> None:
    made = faults(service=STREAMS, region=WEST)
    assert made.stops_streams(WEST)
    assert not made.stops_streams(EAST)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"error": "X", "share": "0"},
        {"error": "X", "share": "2"},
        {"error": "X", "share": "half"},
        {"error": "X", "status": "200"},
        {"error": "X", "region": "mars"},
        {"error": "X", "colour": "red"},
        {"delay_milliseconds": "1e9"},
    ],
)
def test_what_is_no_fault_is_refused_with_what_may_be_given(given: dict[str, str]) -> None:
    made = Faults((EAST, WEST))
    with pytest.raises(UnknownFaultError):
        made.add(given)
    assert not made.active


@pytest.mark.parametrize(
    ("service", "headers", "said"),
    [
        ("dynamodb", {"content-type": "application/x-amz-json-1.0"}, '"__type":"Code"'),
        ("s3", {}, "<Code>Code</Code>"),
        ("sts", {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}, "<ErrorResponse><Error>"),
        ("execute-api", {}, '{"message":"Code"}'),
    ],
)
def test_an_error_has_the_form_of_the_protocol(service: str, headers: dict[str, str], said: str) -> None:
    assert said in answer_of(Blow(error="Code", status=500), service, headers)[1].decode()


@pytest.fixture(scope="module")
def aws() -> Iterator[Running]:
    with embedded_aws("partial-faults") as running:
        yield running


def control(aws: Running, method: str, path: str) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", aws.port)
    try:
        connection.request(method, f"/_emulator/{path}")
        answer = connection.getresponse()
        return answer.status, json.load(answer)
    finally:
        connection.close()


def test_a_client_meets_the_error_and_the_delay_until_they_are_taken_back(aws: Running) -> None:
    east, west = aws.client("dynamodb", EAST), aws.client("dynamodb", WEST)
    status, added = control(aws, "POST", f"faults?region={EAST}&service=dynamodb&error=ThrottlingException&status=400")
    assert status == 200
    with pytest.raises(ClientError) as refused:
        east.list_tables()
    assert refused.value.response["Error"]["Code"] == "ThrottlingException"
    assert west.list_tables()["TableNames"] == []
    assert control(aws, "GET", "faults")[1]["faults"][0]["struck"] >= 1
    assert control(aws, "DELETE", f"faults/{added['number']}")[0] == 200
    control(aws, "POST", f"faults?region={EAST}&service=dynamodb&delay_milliseconds=300")
    begun = time.monotonic()
    assert east.list_tables()["TableNames"] == []
    assert time.monotonic() - begun >= 0.3
    assert control(aws, "DELETE", "faults") == (200, control(aws, "GET", "faults")[1])


def test_the_control_refuses_what_is_no_fault(aws: Running) -> None:
    status, said = control(aws, "POST", "faults?colour=red")
    assert status == 400
    assert "region, service, operation" in said["message"]
    assert control(aws, "DELETE", "faults/77")[0] == 404
