"""What a function of an HTTP API is given: AWS's payload 2.0."""

from __future__ import annotations

import http.client
import json
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
        for path, authorization in (("/open", "NONE"), ("/closed", "AWS_IAM")):
            apis.create_route(
                ApiId=made["ApiId"],
                RouteKey=f"GET {path}",
                Target=f"integrations/{integration}",
                AuthorizationType=authorization,
            )
        variables = {"endpoint": self.url}
        apis.create_stage(ApiId=made["ApiId"], StageName="$default", AutoDeploy=True, StageVariables=variables)

    def get(self, path: str, *headers: tuple[str, str]) -> dict[str, Any]:
        """Send one request, with headers as often as they are given, and return the function's event."""
        connection = http.client.HTTPConnection("127.0.0.1", self.aws.port, timeout=30)
        connection.putrequest("GET", path, skip_host=True)
        connection.putheader("host", urlsplit(self.url).netloc)
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders()
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
