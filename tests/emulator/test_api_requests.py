"""What a function of an HTTP API is given: AWS's payload 2.0."""

from __future__ import annotations

import base64
import http.client
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.emulator.running import EAST, Running, embedded_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

ECHO = (
    "import json\n"
    "def handler(event, context):\n"
    "    return {'statusCode': 200, 'body': json.dumps(event)}\n"
)  # fmt: skip
HEALTH = (
    "import urllib.request\n"
    "def handler(event, context):\n"
    "    with urllib.request.urlopen(event['url'] + '/open', timeout=5) as answer:\n"
    "        return answer.status\n"
)


class Api:
    """An HTTP API whose function answers with the event that it was given."""

    def __init__(self, aws: Running) -> None:
        self.aws = aws
        aws.function(EAST, "echo", ECHO)
        apis = aws.client("apigatewayv2")
        made = apis.create_api(Name="api", ProtocolType="HTTP")
        self.url: str = made["ApiEndpoint"]
        function = aws.client("lambda").get_function(FunctionName="echo")["Configuration"]["FunctionArn"]
        integration = apis.create_integration(
            ApiId=made["ApiId"], IntegrationType="AWS_PROXY", IntegrationUri=function, PayloadFormatVersion="2.0"
        )["IntegrationId"]
        for key, authorization in (
            ("GET /open", "NONE"),
            ("POST /open", "NONE"),
            ("GET /things/{thing}", "NONE"),
            ("GET /closed", "AWS_IAM"),
        ):
            apis.create_route(
                ApiId=made["ApiId"],
                RouteKey=key,
                Target=f"integrations/{integration}",
                AuthorizationType=authorization,
            )
        variables = {"endpoint": self.url}
        apis.create_stage(ApiId=made["ApiId"], StageName="$default", AutoDeploy=True, StageVariables=variables)

    def get(
        self, path: str, *headers: tuple[str, str], method: str = "GET", body: bytes | None = None
    ) -> dict[str, Any]:
        """Send one request, with headers as often as they are given, and return the function's event."""
        connection = http.client.HTTPConnection("127.0.0.1", self.aws.port, timeout=30)
        connection.putrequest(method, path, skip_host=True)
        connection.putheader("host", urlsplit(self.url).netloc)
        for name, value in headers:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("content-length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        event: dict[str, Any] = json.load(answer)
        connection.close()
        assert answer.status == 200, event
        return event


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with embedded_aws("api-requests") as aws:
        yield Api(aws)


def test_a_header_that_is_sent_twice_is_joined_by_a_comma_without_a_space(api: Api) -> None:
    event = api.get("/open", ("Idempotency-Key", "a"), ("idempotency-key", "a"), ("X-One", "b, c"))
    assert event["headers"]["idempotency-key"] == "a,a"
    assert event["headers"]["x-one"] == "b, c"


def test_the_stages_variables_are_in_the_event(api: Api) -> None:
    assert api.get("/open")["stageVariables"] == {"endpoint": api.url}


def test_a_function_reaches_an_api_by_the_url_that_its_stage_tells(api: Api) -> None:
    assert api.aws.function(EAST, "caller", HEALTH)({"url": api.url}) == 200


def test_a_callers_identity_has_every_field_of_awss_event(api: Api) -> None:
    request = AWSRequest("GET", f"http://{urlsplit(api.url).netloc}/closed")
    SigV4Auth(Credentials("test", "test"), "execute-api", EAST).add_auth(request)
    event = api.get("/closed", *request.headers.items())
    names = {"accessKey", "accountId", "callerId", "cognitoIdentity", "principalOrgId", "userArn", "userId"}
    assert set(event["requestContext"]["authorizer"]["iam"]) == names


EVENT = {
    "version",
    "routeKey",
    "rawPath",
    "rawQueryString",
    "cookies",
    "headers",
    "queryStringParameters",
    "requestContext",
    "body",
    "pathParameters",
    "isBase64Encoded",
    "stageVariables",
}
"""Every field of AWS's documented event (API Gateway Developer Guide, payload format structure 2.0)."""
OPTIONAL = {"cookies", "queryStringParameters", "body", "pathParameters"}
CONTEXT = {
    "accountId",
    "apiId",
    "domainName",
    "domainPrefix",
    "http",
    "requestId",
    "routeKey",
    "stage",
    "time",
    "timeEpoch",
}
"""The same of its `requestContext`, without an authorizer and without the certificate of mutual TLS."""


def test_the_event_has_every_field_that_aws_documents_and_no_other(api: Api) -> None:
    headers = [("content-type", "application/json"), ("cookie", "a=1; b=2")]
    event = api.get("/open?p=1&p=2&q=%20", *headers, method="POST", body=b"{}")
    assert set(event) == EVENT - {"pathParameters"}
    assert set(event["requestContext"]) == CONTEXT
    assert set(event["requestContext"]["http"]) == {"method", "path", "protocol", "sourceIp", "userAgent"}
    assert (event["version"], event["routeKey"], event["rawPath"]) == ("2.0", "POST /open", "/open")
    assert event["rawQueryString"] == "p=1&p=2&q=%20"
    assert event["queryStringParameters"] == {"p": "1,2", "q": " "}
    assert (event["body"], event["isBase64Encoded"]) == ("{}", False)


def test_what_a_request_does_not_have_is_left_out_rather_than_null(api: Api) -> None:
    event = api.get("/open")
    assert set(event) == EVENT - OPTIONAL


def test_cookies_are_a_list_and_no_header(api: Api) -> None:
    event = api.get("/open", ("Cookie", "a=1; b=2"))
    assert event["cookies"] == ["a=1", "b=2"]
    assert "cookie" not in event["headers"]


def test_parameters_of_the_path_are_told_by_name(api: Api) -> None:
    assert api.get("/things/one")["pathParameters"] == {"thing": "one"}


def test_a_body_that_is_no_text_is_told_in_base64(api: Api) -> None:
    event = api.get("/open", ("content-type", "application/octet-stream"), method="POST", body=b"\xff")
    assert (event["body"], event["isBase64Encoded"]) == ("/w==", True)


def test_a_function_is_told_the_host_the_caller_and_the_time_as_aws_writes_them(api: Api) -> None:
    context = api.get("/open", ("user-agent", "test"), ("x-forwarded-for", "198.51.100.1"))["requestContext"]
    host = urlsplit(api.url).netloc.partition(":")[0]
    assert (context["domainName"], context["domainPrefix"]) == (host, host.partition(".")[0])
    assert (context["stage"], context["http"]["userAgent"]) == ("$default", "test")
    assert (context["http"]["sourceIp"], context["http"]["protocol"]) == ("127.0.0.1", "HTTP/1.1")
    told = datetime.strptime(context["time"], "%d/%b/%Y:%H:%M:%S %z")
    assert int(told.timestamp()) == context["timeEpoch"] // 1000
    assert len(base64.b64decode(context["requestId"])) == 11


def test_headers_that_api_gateway_adds_are_there_and_those_of_the_connection_are_not(api: Api) -> None:
    headers = api.get("/open", ("Connection", "keep-alive"), ("x-forwarded-for", "198.51.100.1"))["headers"]
    assert headers["x-forwarded-for"] == "198.51.100.1, 127.0.0.1"
    assert (headers["x-forwarded-proto"], headers["x-forwarded-port"]) == ("https", "443")
    assert headers["x-amzn-trace-id"].startswith("Root=1-")
    assert "connection" not in headers
