"""URLs of deployed APIs, where they answer, and for whom requests are signed."""

import pytest

from recovery.endpoint import Endpoint
from recovery.errors import WrongInputError

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
