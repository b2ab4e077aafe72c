"""What the API asks of AWS, counted in the SDK itself."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from tandem_runtime.shared.clients import client
from tandem_runtime.transactions.adapters import CALL_SECONDS
from tests.functions import environment

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = {**environment(), "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


class Body:
    """The answer of a table that takes everything."""

    def stream(self, **_: object) -> Iterator[bytes]:
        yield b"{}"


@pytest.fixture
def handler_and_calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, list[str]]]:
    """The real handler with the real client, whose requests are noted and answered before they are sent."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    calls: list[str] = []

    def answer(request: Any, **_: object) -> AWSResponse:
        calls.append(request.headers["X-Amz-Target"].decode().partition(".")[2])
        raw: Any = Body()
        return AWSResponse(request.url, 200, HTTPHeaders(), raw)

    module = import_module("tandem_runtime.transactions.handler")
    client.cache_clear()
    module._journal.cache_clear()  # noqa: SLF001 - made once per execution environment, and here once per test
    client("dynamodb", module.region, seconds=CALL_SECONDS).meta.events.register("before-send.dynamodb", answer)
    yield module.handler, calls
    client.cache_clear()
    module._journal.cache_clear()  # noqa: SLF001 - see above


def test_a_new_transaction_is_one_put_and_no_read(handler_and_calls: tuple[Any, list[str]]) -> None:
    handler, calls = handler_and_calls
    body = {"debit_account": "alice", "credit_account": "bob", "amount": "1.00", "currency": "EUR"}
    event = {
        "routeKey": "POST /transactions",
        "headers": {"content-type": "application/json", "idempotency-key": "k"},
        "body": json.dumps(body),
        "requestContext": {"authorizer": {"iam": {"userId": "AROAEXAMPLE:session"}}},
    }
    assert handler(event, None)["statusCode"] == 201
    assert calls == ["PutItem"]
