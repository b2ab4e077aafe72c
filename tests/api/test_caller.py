"""Whose an idempotency key is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tandem_runtime.transactions.api import answer
from tests.api.contract import objection
from tests.api.gateway import IDENTITY, MemoryJournal, memory_ports
from tests.api.requests import UNKNOWN_ID, VALID


def post(journal: MemoryJournal, authorizer: dict[str, Any] | None, *, key: str = "1") -> tuple[int, Any]:
    event = {
        "routeKey": "POST /transactions",
        "headers": {"content-type": "application/json", "idempotency-key": key},
        "body": json.dumps(VALID),
        "requestContext": {} if authorizer is None else {"authorizer": authorizer},
    }
    answered = answer(event, memory_ports(journal))
    body = answered["body"].encode()
    assert objection("POST /transactions", answered["statusCode"], answered["headers"], body) is None
    return answered["statusCode"], json.loads(body)


def iam(user_id: str) -> dict[str, Any]:
    return {"iam": {**IDENTITY, "callerId": user_id, "userId": user_id}}


def jwt(**claims: str) -> dict[str, Any]:
    return {"jwt": {"claims": claims, "scopes": []}}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (iam("AROAPAYROLL:host"), iam("AROABILLING:host")),
        (iam("AIDAPAYROLL"), iam("AIDABILLING")),
        (jwt(iss="https://a.example", sub="7"), jwt(iss="https://b.example", sub="7")),
        (jwt(iss="https://a.example", sub="7"), jwt(iss="https://a.example", sub="8")),
        (jwt(iss="https://a.example", sub='x","y'), jwt(iss='https://a.example","x', sub="y")),
        (jwt(iss="https://a.example", sub="AIDAPAYROLL"), iam("AIDAPAYROLL")),
    ],
    ids=["roles", "users", "issuers", "subjects", "quotes", "kinds"],
)
def test_the_same_key_of_two_callers_is_two_transactions(one: dict[str, Any], other: dict[str, Any]) -> None:
    journal = MemoryJournal()
    answers = [post(journal, each) for each in (one, other)]
    assert [status for status, _ in answers] == [201, 201]
    assert answers[0][1]["id"] != answers[1][1]["id"]
    assert len(journal.items) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (iam("AROAPAYROLL:host-1"), iam("AROAPAYROLL:host-2")),
        (
            jwt(iss="https://a.example", sub="7", exp="1", jti="a"),
            jwt(iss="https://a.example", sub="7", exp="2", jti="b"),
        ),
    ],
    ids=["another session", "another token"],
)
def test_a_retry_of_the_same_caller_is_the_same_transaction(one: dict[str, Any], other: dict[str, Any]) -> None:
    journal = MemoryJournal()
    assert post(journal, one) == post(journal, other)
    assert len(journal.items) == 1


NOBODY = [
    None,
    {},
    {"jwt": None},
    jwt(iss="https://a.example"),
    jwt(iss="https://a.example", sub=""),
    jwt(sub="7"),
    jwt(iss="https://a.example", client_id="svc-a", scope="pay"),
    {"iam": {"accountId": "000000000000"}},
    {"iam": {**IDENTITY, "userId": None}},
    iam(":session"),
]


@pytest.mark.parametrize("authorizer", NOBODY)
def test_whoever_is_not_named_is_refused_and_nothing_is_recorded(authorizer: dict[str, Any] | None) -> None:
    journal = MemoryJournal()
    status, body = post(journal, authorizer)
    assert status == 401
    assert "\n" not in body["detail"]
    assert not journal.items


@pytest.mark.parametrize(
    "route",
    ["GET /transactions/{id}", "POST /transactions/{id}/documents", "GET /transactions/{id}/documents"],
)
def test_whoever_is_not_named_reads_nothing_either(route: str) -> None:
    event = {"routeKey": route, "pathParameters": {"id": UNKNOWN_ID}, "requestContext": {"authorizer": jwt(iss="i")}}
    journal = MemoryJournal()
    assert answer(event, memory_ports(journal))["statusCode"] == 401
    assert journal.reads == 0
