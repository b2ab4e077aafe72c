"""Credentials that cannot be used and answers that are not AWS's: one line each, and the right exit status."""

from __future__ import annotations

import http.server
import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from command.cli import main
from operations.endpoint import LONG_SECONDS, Endpoint
from operations.errors import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REGION = "us-east-1"


@contextmanager
def server(status: int, body: bytes, kind: str = "text/html") -> Iterator[tuple[str, list[str]]]:
    """Answer every request alike; give the URL and the list of what was asked, with who asked."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(f"{self.path} {self.headers.get('authorization', '')}")
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 - the name that the library calls

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}", asked
        finally:
            running.shutdown()
            thread.join()


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Take away whatever credentials this machine has; return where the configuration file is looked for."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    return tmp_path / "config"


NAMED = {
    "status": ["status"],
    "failover": ["failover", "--stage", "staging"],
    "failback": ["failback", "--stage", "staging", "--yes"],
    "reconcile": ["reconcile", "--stage", "staging"],
    "quarantine": ["quarantine"],
}
"""Each command with what it needs."""


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    told = capsys.readouterr().err
    assert told.startswith("tandem: ")
    assert told.count("\n") == 1
    return told


def verdict(capsys: pytest.CaptureFixture[str]) -> str:
    """The first line of a status that nobody could be asked for, and the only one."""
    told = capsys.readouterr()
    assert told.out.startswith("unknown: no Region answered")
    assert (told.out.count("\n"), told.err) == (1, "")
    return told.out


def test_no_credentials_cannot_start(nobody: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not nobody.exists()
    assert main(["status"]) == 2
    assert "there are no AWS credentials" in one_line(capsys)


@pytest.mark.parametrize("command", NAMED)
def test_an_unknown_profile_cannot_start(
    command: str, nobody: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody.write_text("[default]\nregion = us-east-1\n")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert main([*NAMED[command]]) == 2
    assert "nobody" in one_line(capsys)


@pytest.mark.parametrize(
    "content",
    [
        b"[default\nregion",
        b"\xff\xfe\x00",
        b"[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = none\n",
        b"[default]\ncredential_process = echo {}\n",
        b"[default]\ncredential_process = echo no-json\n",
    ],
)
def test_a_configuration_that_cannot_be_used_cannot_start(
    content: bytes, nobody: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody.write_bytes(content)
    assert main(["status"]) == 2
    assert "cannot be used" in one_line(capsys)


@pytest.mark.parametrize("code", ["ExpiredTokenException", "InvalidSignatureException", "UnrecognizedClientException"])
@pytest.mark.parametrize("command", NAMED)
def test_credentials_that_aws_refuses_cannot_start(command: str, code: str, capsys: pytest.CaptureFixture[str]) -> None:
    body = json.dumps({"__type": code, "message": "The security token is\nnot good"}).encode()
    with server(400, body, "application/x-amz-json-1.1") as (url, _):
        assert main([*NAMED[command], "--endpoint-url", url]) == 2
    told = one_line(capsys)
    assert code in told
    assert "renew or correct them" in told


def test_a_region_in_no_configuration_is_needed_nowhere(nobody: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not nobody.exists()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    endpoint = Endpoint()
    endpoint.credentials()
    assert endpoint.rds("eu-west-1").meta.region_name == "eu-west-1"


@pytest.mark.parametrize(
    "body", [b"<html><body>sign in</body></html>", b"", b"  \n", b"[1]", b"null", b'{"a": ', b"{}"]
)
@pytest.mark.parametrize("command", NAMED)
def test_an_answer_that_is_not_aws_s_is_a_failure_in_one_line(
    command: str, body: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    with server(200, body) as (url, _):
        assert main([*NAMED[command], "--endpoint-url", url]) == 1
    assert "what AWS does not say" in (verdict(capsys) if command == "status" else one_line(capsys))


@pytest.mark.parametrize("body", [b"<html><body>sign in</body></html>", b"<p>sign in<br>", b"", b"{}"])
def test_no_service_s_client_trips_over_what_is_not_aws_s(body: bytes) -> None:
    with server(200, body) as (url, _):
        endpoint, refused = Endpoint(url), []
        for call in (
            lambda: endpoint.rds(REGION).describe_global_clusters()["GlobalClusters"],
            lambda: endpoint.data_api(REGION).execute_statement(resourceArn="a" * 20, secretArn="b" * 20, sql="SELECT"),
            lambda: endpoint.region_switch(REGION).list_plan_executions(
                planArn="arn:aws:arc-region-switch::1:plan/a:b"
            ),
            lambda: endpoint._client("cloudwatch", REGION).list_metrics(),  # noqa: SLF001 - it has no public name
        ):
            try:
                call()
            except Exception as error:  # noqa: BLE001 - its class is what is looked at
                refused.append(type(error).__name__)
    if body != b"{}":
        assert refused == ["UnreadableAnswerError"] * 4
    else:
        assert refused[0] == "UnreadableAnswerError"


def test_loopback_is_asked_past_a_proxy_and_with_none_of_the_operators_files(
    nobody: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody.write_bytes(b"[default\nbroken")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with server(500, b"") as (proxy, through), server(200, b'{"Parameters": []}') as (url, asked):
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert Endpoint(url).parameters(REGION).get_parameters_by_path(Path="/")["Parameters"] == []
    assert through == []
    assert "Credential=test/" in asked[0]


def test_a_function_that_runs_for_minutes_is_waited_for_and_called_once() -> None:
    endpoint = Endpoint("http://127.0.0.1:1")
    patient: Any = endpoint.long_functions(REGION).meta.config  # published without types
    other: Any = endpoint.functions(REGION).meta.config
    assert patient.read_timeout == LONG_SECONDS > 900
    assert other.read_timeout == 60
    with server(500, b'{"message": "away"}') as (url, asked), pytest.raises(Exception, match="500"):
        Endpoint(url).long_functions(REGION).invoke(FunctionName="tandem-sweeper-staging", Payload=b"{}")
    assert len(asked) == 1


def test_an_endpoint_in_the_configuration_that_is_no_url_cannot_start(
    nobody: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not nobody.exists()
    monkeypatch.setenv("AWS_ENDPOINT_URL_RDS", "nonsense")
    with pytest.raises(CredentialsError, match="nonsense"):
        Endpoint().rds(REGION)


@pytest.mark.parametrize("command", ["drill", "campaign"])
def test_another_server_on_loopback_is_not_taken_for_an_embedded_aws(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with server(200, b"<html>another server</html>") as (url, _):
        assert main([command, "--endpoint-url", url]) == 2
    assert "is not an embedded AWS" in one_line(capsys)
