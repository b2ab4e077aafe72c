"""Each request is one line of the log, by which support finds who asked what, and it holds no payload."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.api.gateway import SIGNATURE, MemoryJournal, Request
from tests.api.requests import VALID
from tests.api.test_replay import post

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.api.gateway import Gateway


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line for line in written if line["message"] == "answered"]


def test_a_request_is_one_line_with_its_id_transaction_caller_and_outcome_and_no_payload(
    gateway_of: Callable[[MemoryJournal], Gateway], capsys: pytest.CaptureFixture[str]
) -> None:
    gateway = gateway_of(MemoryJournal())
    acknowledged = json.loads(post(gateway, VALID)[2])["id"]
    post(gateway, {**VALID, "amount": "99.00"})
    gateway.send(Request("GET", f"/transactions/{acknowledged}", [("authorization", SIGNATURE)]))
    written = lines(capsys)
    assert [(line["route"], line["outcome"]) for line in written] == [
        ("POST /transactions", 201),
        ("POST /transactions", 409),
        ("GET /transactions/{id}", 200),
    ]
    assert {(line["transaction_id"], line["caller"]) for line in written} == {(acknowledged, "AROAEXAMPLE")}
    assert len({line["request_id"] for line in written}) == len(written)
    assert not [value for value in ("12.34", "99.00", "alice", "order 7") if value in json.dumps(written)]


def test_a_request_that_names_no_caller_and_no_transaction_is_a_line_too(
    modules: tuple[Any, Any, pytest.MonkeyPatch], capsys: pytest.CaptureFixture[str]
) -> None:
    handler, _, _ = modules
    assert handler.handler({"routeKey": "POST /transactions", "requestContext": {}}, None)["statusCode"] == 401
    (line,) = lines(capsys)
    assert (line["caller"], line["transaction_id"], line["request_id"], line["outcome"]) == (None, None, None, 401)
