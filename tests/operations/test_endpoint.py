"""URLs of deployed APIs, where they answer, and for whom requests are signed."""

import pytest

from drills.embedded.isolation import isolated_environment
from operations.endpoint import Endpoint
from operations.errors import WrongInputError
from operations.loopback import is_loopback

API = "https://abc123.execute-api.us-east-1.amazonaws.com"


def test_on_aws_an_api_answers_at_its_own_url() -> None:
    assert Endpoint().reachable(API) == API


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (API, "/_aws/execute-api/abc123/$default"),
        (f"{API}/takeover", "/_aws/execute-api/abc123/$default/takeover"),
        (f"{API}/$default", "/_aws/execute-api/abc123/$default"),
    ],
)
def test_in_an_embedded_aws_it_answers_below_the_endpoint(url: str, path: str) -> None:
    assert Endpoint("http://127.0.0.1:4566/").reachable(url) == f"http://127.0.0.1:4566{path}"


def test_an_embedded_url_from_the_parameters_is_left_alone() -> None:
    url = "http://127.0.0.1:4566/_aws/execute-api/abc123/$default"
    assert Endpoint("http://127.0.0.1:4566").reachable(url) == url


def test_an_endpoint_that_is_no_url_is_wrong_input() -> None:
    with pytest.raises(WrongInputError, match="is not a URL"):
        Endpoint("127.0.0.1:4566")


def test_loopback_never_signs_with_the_operators_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "the-operators-own")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-operators-own")
    assert Endpoint("http://127.0.0.1:4566").credentials().access_key == "test"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.8.9.10", "localhost", "LOCALHOST", "localhost.", "aws.localhost", "[::1]", "[::ffff:127.0.0.1]"],
)
def test_embedded_is_whatever_can_only_be_this_machine(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "the-operators-own")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-operators-own")
    endpoint = Endpoint(f"http://{host}:4566")
    assert endpoint.embedded
    assert endpoint.credentials().access_key == "test"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.example.com",
        "http://localhost.example.com",
        "http://localhostile",
        "http://10.0.0.1:4566",
        "http://[",
    ],
)
def test_what_only_begins_like_loopback_is_not_embedded(url: str) -> None:
    assert not is_loopback(url)


def test_behind_an_endpoint_that_is_not_embedded_an_api_answers_at_its_own_url() -> None:
    assert Endpoint("https://vpce.example.com").reachable(API) == API


def test_children_ask_loopback_past_a_proxy() -> None:
    environment = isolated_environment("http://127.0.0.1:4566")
    for name in ("NO_PROXY", "no_proxy"):
        assert {"127.0.0.1", "localhost", ".localhost", "::1"} <= set(environment[name].split(","))


def test_an_embedded_aws_is_asked_by_the_session_that_the_variable_holds_and_the_real_one_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TANDEM_EMBEDDED_CREDENTIALS", "KEY SECRET TOKEN")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "own")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "own")
    session = Endpoint("http://127.0.0.1:4566").credentials().get_frozen_credentials()
    assert (session.access_key, session.secret_key, session.token) == ("KEY", "SECRET", "TOKEN")
    assert Endpoint(None).credentials().access_key == "own"
    monkeypatch.setenv("TANDEM_EMBEDDED_CREDENTIALS", "KEY SECRET")
    with pytest.raises(WrongInputError, match="has 2 words"):
        Endpoint("http://127.0.0.1:4566")
