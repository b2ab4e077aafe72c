"""Each function that uses the ledger, while the database takes connections and says nothing, ends by itself.

`verify` opens no connection: it waits for the sweeper, whose error it passes on
(`tests/runtime/test_verify.py`).
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from contract.environment import Place, Sweeper, Transactions
from tandem_runtime.shared.clients import client
from tandem_runtime.shared.ledger_errors import LedgerUnavailableError
from tandem_runtime.transactions.adapters import CALL_SECONDS
from tests.runtime.test_projector import IDS, transaction
from tests.runtime.test_silence import Context, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS = 3.0
"""What an invocation has left; each has to end before."""

HEARTBEAT = b'{"Item": {"at": {"N": "1767225600.0"}}}'

Handler = Any


class Body:
    """What DynamoDB answers, before anything is sent."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self._content


@pytest.fixture
def handler_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Handler]]:
    """Imports a function's handler, as Lambda does, with the environment that says where the silent ledger is."""
    place = Place(
        stage="test",
        region_role="primary",
        other_region="us-west-2",
        journal_table="journal",
        operational_table="operational",
        service="test",
    )
    with silent() as access:
        for record in (place, access, Transactions(documents_bucket="documents"), Sweeper(sweep_margin_seconds=1)):
            for name, value in record.variables().items():
                monkeypatch.setenv(name, value)
        for name, value in {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}.items():
            monkeypatch.setenv(name, value)

        loaded: list[str] = []

        def load(function: str) -> Handler:
            module = f"tandem_runtime.{function}.handler"
            monkeypatch.delitem(sys.modules, module, raising=False)
            loaded.append(module)
            return importlib.import_module(module).handler

        yield load
        for module in loaded:  # it has read this test's environment
            del sys.modules[module]
        client.cache_clear()
    gc.collect()


@contextmanager
def in_time() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < SECONDS


pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # pg8000 leaves a refused start's socket


def test_the_projector_gives_its_batch_back(handler_of: Callable[[str], Handler]) -> None:
    image = transaction(IDS[0]).to_item()
    change = {"Keys": {"pk": image["pk"]}, "NewImage": image, "SequenceNumber": "1"}
    projector = handler_of("projector")
    with in_time():
        answer = projector({"Records": [{"eventName": "INSERT", "dynamodb": change}]}, Context(SECONDS))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}


def test_the_sweeper_notes_its_evidence_and_fails_so_that_it_is_asked_again(
    handler_of: Callable[[str], Handler],
) -> None:
    sweeper = handler_of("sweeper")
    calls: list[str] = []

    def answer(request: Any, **_: object) -> AWSResponse:
        calls.append(request.headers["X-Amz-Target"].decode().partition(".")[2])
        body: Any = Body({"GetItem": HEARTBEAT, "Query": b'{"Items": []}'}.get(calls[-1], b"{}"))
        return AWSResponse(request.url, 200, HTTPHeaders(), body)

    client("dynamodb", "us-east-1", seconds=10).meta.events.register("before-send.dynamodb", answer)
    with in_time(), pytest.raises(LedgerUnavailableError):
        sweeper({}, Context(SECONDS))
    asked = ["Query", "Query"]  # what was seen over the margin, and when the origin was first heard of
    assert calls == ["GetItem", "PutItem", *asked] * 2  # for each of the two Regions


def test_the_api_answers_that_the_ledger_cannot_be_read(handler_of: Callable[[str], Handler]) -> None:
    request = {
        "routeKey": "GET /accounts/{account}",
        "pathParameters": {"account": "alice"},
        "requestContext": {"authorizer": {"iam": {"userId": "AIDAEXAMPLE"}}},
        "headers": {},
    }
    transactions = handler_of("transactions")
    with in_time():
        answer = transactions(request, Context(SECONDS))
    assert answer["statusCode"] == 503
    assert "the ledger cannot be read at the moment" in answer["body"]


def test_a_read_of_a_transaction_is_answered_with_an_unknown_state(handler_of: Callable[[str], Handler]) -> None:
    held = transaction(IDS[0])
    request = {
        "routeKey": "GET /transactions/{id}",
        "pathParameters": {"id": held.transaction_id},
        "requestContext": {"authorizer": {"iam": {"userId": "AIDAEXAMPLE"}}},
        "headers": {},
    }
    transactions = handler_of("transactions")

    def answer(request: Any, **_: object) -> AWSResponse:
        body: Any = Body(json.dumps({"Item": held.to_item()}).encode())
        return AWSResponse(request.url, 200, HTTPHeaders(), body)

    client("dynamodb", "us-east-1", seconds=CALL_SECONDS).meta.events.register("before-send.dynamodb", answer)
    with in_time():
        answered = transactions(request, Context(SECONDS))
    assert answered["statusCode"] == 200
    assert json.loads(answered["body"])["ledger"] == {"state": "unknown"}
