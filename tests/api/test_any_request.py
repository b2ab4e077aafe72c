"""Thousands of requests that nobody foresaw get documented answers; `make fuzz` sends twenty thousand, or more."""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.api.contract import objection
from tests.api.gateway import SIGNATURE, MemoryJournal, Request
from tests.api.requests import KEYS, VALID, requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.gateway import Gateway

WANTED = int(os.environ.get("TANDEM_FUZZ_REQUESTS", "3000"))
AT_ONCE = 20


def test_thousands_of_requests_get_documented_answers_and_never_a_failure(
    gateway_of: Callable[[MemoryJournal], Gateway],
) -> None:
    gateway = gateway_of(MemoryJournal())
    headers = [("authorization", SIGNATURE), ("content-type", "application/json")]
    body = json.dumps(VALID).encode()
    known = tuple(
        json.loads(gateway.send(Request("POST", "/transactions", [*headers, ("idempotency-key", key)], body))[2])["id"]
        for key in KEYS
    )
    seen: Counter[tuple[str | None, int]] = Counter()

    @given(st.lists(requests(known), min_size=AT_ONCE, max_size=AT_ONCE))
    @settings(
        max_examples=WANTED // AT_ONCE,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    def holds(several: list[Request]) -> None:
        for request in several:
            status, answered, content = gateway.send(request)
            seen[gateway.reached, status] += 1
            wrong = objection(gateway.reached, status, answered, content)
            assert wrong is None, f"{wrong}: {str(request)[:1000]}"
            assert status < 500, str(request)[:1000]

    holds()
    assert seen.total() >= WANTED
    # what was sent went everywhere: a test that only ever met one refusal would prove nothing
    for route, statuses in {
        "POST /transactions": {201, 400, 409, 413, 415, 422},
        "GET /transactions/{id}": {200, 404},
        "POST /transactions/{id}/documents": {201, 400, 404, 413, 415, 422},
        "GET /transactions/{id}/documents": {200, 400, 404},
        "GET /accounts/{account}": {200, 400, 404},
        "GET /healthz": {200},
    }.items():
        assert {status for (reached, status) in seen if reached == route} >= statuses, route
    assert {status for (reached, status) in seen if reached is None} == {403, 404}
