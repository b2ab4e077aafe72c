"""Routes with a JWT authorizer: only the issuer's own token, for this audience, in its time, reaches the function."""

from __future__ import annotations

import base64
import json
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.emulator.running import EAST, embedded_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

AUDIENCE = "tandem"
KEY_ID = "signing"
SCOPE = "tandem/accounts"
SUBJECT = (
    "import json\n"
    "def handler(event, context):\n"
    "    claims = event['requestContext']['authorizer']['jwt']['claims']\n"
    "    return {'statusCode': 200, 'body': json.dumps({'subject': claims['sub']})}\n"
)


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


class Issuer:
    """Signs tokens, and serves its public key where a discovery document says."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        issuer = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                document = issuer.documents()[self.path]
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(document).encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def documents(self) -> dict[str, Any]:
        numbers = self.key.public_key().public_numbers()
        key = {
            "kid": KEY_ID,
            "kty": "RSA",
            "alg": "RS256",
            "n": encoded(numbers.n.to_bytes(256, "big")),
            "e": encoded(numbers.e.to_bytes(3, "big")),
        }
        return {
            "/.well-known/openid-configuration": {"issuer": self.url, "jwks_uri": f"{self.url}/keys"},
            "/keys": {"keys": [key]},
        }

    def token(self, key: rsa.RSAPrivateKey | None = None, **claims: Any) -> str:
        now = int(time.time())
        said = {"iss": self.url, "aud": AUDIENCE, "sub": "a client", "iat": now - 60, "exp": now + 600, **claims}
        head = {"alg": "RS256", "kid": KEY_ID}
        signed = ".".join(encoded(json.dumps(each).encode()) for each in (head, said))
        signature = (key or self.key).sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{encoded(signature)}"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(scope="module")
def address(issuer: Issuer) -> Iterator[tuple[str, str]]:
    with embedded_aws("jwt") as aws:
        aws.function(EAST, "subject", SUBJECT)
        apis = aws.client("apigatewayv2")
        made = apis.create_api(Name="api", ProtocolType="HTTP")
        api = made["ApiId"]
        function = aws.client("lambda").get_function(FunctionName="subject")["Configuration"]["FunctionArn"]
        integration = apis.create_integration(
            ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=function, PayloadFormatVersion="2.0"
        )["IntegrationId"]
        authorizer = apis.create_authorizer(
            ApiId=api,
            Name="issuer",
            AuthorizerType="JWT",
            IdentitySource=["$request.header.Authorization"],
            JwtConfiguration={"Issuer": issuer.url, "Audience": [AUDIENCE]},
        )["AuthorizerId"]
        for path, scopes in (("closed", []), ("accounts", [SCOPE])):
            apis.create_route(
                ApiId=api,
                RouteKey=f"GET /{path}",
                Target=f"integrations/{integration}",
                AuthorizationType="JWT",
                AuthorizerId=authorizer,
                AuthorizationScopes=scopes,
            )
        apis.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
        yield aws.url, urlsplit(made["ApiEndpoint"]).netloc


def answer(address: tuple[str, str], token: str | None, path: str = "closed") -> tuple[int, Any]:
    url, host = address
    headers = {"host": host} | ({} if token is None else {"authorization": f"Bearer {token}"})
    request = urllib.request.Request(f"{url}/{path}", headers=headers)  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=30) as found:  # noqa: S310 - loopback
            return found.status, json.load(found)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_the_issuers_token_reaches_the_function_with_its_claims(issuer: Issuer, address: tuple[str, str]) -> None:
    assert answer(address, issuer.token()) == (200, {"subject": "a client"})


@pytest.mark.parametrize(
    "claims",
    [{"aud": "another"}, {"iss": "http://127.0.0.1:1"}, {"exp": 1_700_000_000}, {"nbf": 32_503_680_000}],
    ids=["audience", "issuer", "expired", "too early"],
)
def test_a_token_for_another_audience_issuer_or_time_is_refused(
    claims: dict[str, Any], issuer: Issuer, address: tuple[str, str]
) -> None:
    assert answer(address, issuer.token(**claims)) == (401, {"message": "Unauthorized"})


def test_a_token_that_the_issuer_did_not_sign_is_refused(issuer: Issuer, address: tuple[str, str]) -> None:
    another = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert answer(address, issuer.token(another))[0] == 401
    head, _, signature = issuer.token().split(".")
    _, body, _ = issuer.token(sub="somebody else").split(".")
    assert answer(address, f"{head}.{body}.{signature}")[0] == 401


@pytest.mark.parametrize("token", [None, "", "no.token", "a.b.c"])
def test_what_is_no_token_is_refused(token: str | None, address: tuple[str, str]) -> None:
    assert answer(address, token) == (401, {"message": "Unauthorized"})


@pytest.mark.parametrize("claims", [{"scope": f"tandem/read {SCOPE}"}, {"scp": [SCOPE]}, {"scp": SCOPE}])
def test_a_token_with_a_scope_of_the_route_reaches_the_function(
    claims: dict[str, Any], issuer: Issuer, address: tuple[str, str]
) -> None:
    assert answer(address, issuer.token(**claims), "accounts") == (200, {"subject": "a client"})


@pytest.mark.parametrize("claims", [{}, {"scope": "tandem/read tandem/write"}, {"scope": f"{SCOPE}s"}, {"scp": []}])
def test_a_token_without_any_scope_of_the_route_is_forbidden(
    claims: dict[str, Any], issuer: Issuer, address: tuple[str, str]
) -> None:
    assert answer(address, issuer.token(**claims), "accounts") == (403, {"message": "Forbidden"})
