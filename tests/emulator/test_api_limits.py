"""What API Gateway answers in its functions' place: throttles, sizes, times, preflights and hosts."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from emulator.api_gateway.arrivals import is_foreign
from emulator.api_gateway.throttles import Throttles, limits_of
from tests.emulator.running import EAST, Running, embedded_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWERS = """
import time

def handler(event, context):
    if event["rawPath"] == "/fails":
        raise ValueError("no")
    if event["rawPath"] == "/late":
        time.sleep(2)
    return {"statusCode": 200, "body": "fine"}
"""
BURST = 3


class Api:
    """An HTTP API with a route for each of its behaviours; what allows an origin has an API of its own."""

    def __init__(self, aws: Running) -> None:
        self.aws = aws
        aws.function(EAST, "answers", ANSWERS)
        self.host = self._make("api")
        origins = {"AllowOrigins": ["https://friend.test"], "AllowMethods": ["POST"], "MaxAge": 60}
        self.cors_host = self._make("cors", CorsConfiguration=origins)

    def _make(self, name: str, **options: Any) -> str:
        apis, functions = self.aws.client("apigatewayv2"), self.aws.client("lambda")
        made = apis.create_api(Name=name, ProtocolType="HTTP", **options)
        arn = functions.get_function(FunctionName="answers")["Configuration"]["FunctionArn"]
        target: dict[str, Any] = {"IntegrationType": "AWS_PROXY", "IntegrationUri": arn, "PayloadFormatVersion": "2.0"}
        for path, milliseconds in {"open": 30000, "scarce": 30000, "fails": 30000, "late": 500}.items():
            integration = apis.create_integration(ApiId=made["ApiId"], TimeoutInMillis=milliseconds, **target)
            key = integration["IntegrationId"]
            apis.create_route(ApiId=made["ApiId"], RouteKey=f"POST /{path}", Target=f"integrations/{key}")
        limits = {"ThrottlingRateLimit": 0.001, "ThrottlingBurstLimit": BURST}
        settings = {"POST /scarce": limits}
        apis.create_stage(ApiId=made["ApiId"], StageName="$default", AutoDeploy=True, RouteSettings=settings)
        return str(urlsplit(made["ApiEndpoint"]).netloc)

    def ask(
        self,
        path: str,
        *,
        method: str = "POST",
        host: str = "",
        address: str = "127.0.0.1",
        body: bytes = b"",
        **headers: str,
    ) -> tuple[int, Any, dict[str, str]]:
        """Return status, body and headers of the answer."""
        connection = http.client.HTTPConnection(address, self.aws.port, timeout=30)
        connection.request(method, path, body, {"host": host or self.host, **headers})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, json.loads(text) if text.startswith("{") else text, told


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with embedded_aws("api-limits") as aws:
        yield Api(aws)


def test_a_bucket_holds_the_burst_and_is_refilled_at_the_rate() -> None:
    now = 0.0
    throttles, route = Throttles(lambda: now), ("api", "$default", "GET /")
    assert [throttles.take(route, (2, 3)) for _ in range(4)] == [True, True, True, False]
    now = 0.5
    assert [throttles.take(route, (2, 3)) for _ in range(2)] == [True, False]
    now = 100.0
    assert [throttles.take(route, (2, 3)) for _ in range(4)] == [True, True, True, False]


def test_a_route_has_the_stages_limits_unless_it_has_its_own_whoever_spells_them() -> None:
    default = {"throttlingRateLimit": 1, "throttlingBurstLimit": 2}
    stage = {"defaultRouteSettings": default, "routeSettings": {"GET /a": {"ThrottlingBurstLimit": 9}}}
    assert limits_of(stage, "GET /a") == (1, 9)
    assert limits_of(stage, "GET /b") == (1, 2)
    assert limits_of({}, "GET /b") is None


def test_a_route_whose_bucket_is_empty_answers_429_and_no_other_route_does(api: Api) -> None:
    statuses = [api.ask("/scarce")[0] for _ in range(BURST + 2)]
    assert statuses == [200] * BURST + [429] * 2
    assert api.ask("/scarce")[1] == {"message": "Too Many Requests"}
    assert api.ask("/open")[0] == 200


def test_a_path_without_a_route_takes_nothing_from_the_others(api: Api) -> None:
    assert {api.ask("/nowhere")[0] for _ in range(20)} == {404}
    assert api.ask("/open")[0] == 200


def test_a_function_that_fails_is_an_internal_error_that_tells_nothing(api: Api) -> None:
    assert api.ask("/fails")[:2] == (500, {"message": "Internal Server Error"})


def test_an_integration_that_is_late_is_answered_at_its_timeout(api: Api) -> None:
    assert api.ask("/late")[:2] == (503, {"message": "Service Unavailable"})


@pytest.mark.parametrize("megabytes", [7, 11], ids=["more than Lambda takes", "more than API Gateway takes"])
def test_a_payload_that_is_too_large_is_refused(api: Api, megabytes: int) -> None:
    body = b"x" * megabytes * 1024 * 1024
    assert api.ask("/open", body=body)[:2] == (413, {"message": "Request Entity Too Large"})


def test_a_preflight_of_an_api_without_cors_finds_no_route(api: Api) -> None:
    assert api.ask("/open", method="OPTIONS", origin="https://friend.test")[:2] == (404, {"message": "Not Found"})


def test_a_preflight_is_answered_with_the_apis_rules_to_those_whom_it_knows_alone(api: Api) -> None:
    status, _, headers = api.ask("/open", method="OPTIONS", host=api.cors_host, origin="https://friend.test")
    assert (status, headers["access-control-allow-origin"]) == (204, "https://friend.test")
    assert headers["access-control-allow-methods"] == "POST"
    status, _, headers = api.ask("/open", method="OPTIONS", host=api.cors_host, origin="https://stranger.test")
    assert status == 204
    assert not [name for name in headers if name.startswith("access-control-")]


def test_a_host_that_no_api_has_is_forbidden_at_a_regions_address(api: Api) -> None:
    answer = api.ask("/open", host="api.stranger.net", address="127.0.1.1")
    assert answer[:2] == (403, {"message": "Forbidden"})
    assert api.ask("/open", address="127.0.1.1")[0] == 200


def test_a_client_that_asks_no_embedded_dns_reaches_an_api_by_its_path(api: Api) -> None:
    path = f"/_aws/execute-api/{api.host.partition('.')[0]}/$default/open"
    assert api.ask(path, host=f"127.0.0.1:{api.aws.port}")[:2] == (200, "fine")


@pytest.mark.parametrize(
    ("host", "foreign"),
    [
        ("api.stranger.net", True),
        ("api.known.net", False),
        ("abc.execute-api.us-east-1.amazonaws.com", False),
        ("127.0.1.1", False),
        ("abc.execute-api.localhost", False),
        ("", False),
    ],
)
def test_only_names_that_are_neither_ours_nor_awss_nor_a_domains_are_foreign(host: str, foreign: bool) -> None:  # noqa: FBT001
    assert is_foreign(host, {"api.known.net"}) is foreign
