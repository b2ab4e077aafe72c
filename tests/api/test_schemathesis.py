"""The handlers against docs/openapi.yaml, with requests that schemathesis makes from it: valid and invalid ones."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from schemathesis import GenerationMode

from tandem.api import HEALTH_ROUTE, ROUTES
from tests.api.contract import document
from tests.api.gateway import SIGNATURE, MemoryJournal, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.gateway import Gateway

EXAMPLES = max(25, int(os.environ.get("TANDEM_FUZZ_REQUESTS", "0")) // 100)
"""Requests of a route in each mode: `make fuzz` sends two hundred, or more."""
SIGNED = {"Authorization": SIGNATURE}
KNOWN = b'{"debit_account":"alice","credit_account":"bob","amount":"12.34","currency":"EUR"}'


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("route", [*ROUTES, HEALTH_ROUTE])
def test_every_answer_is_one_that_the_document_describes(
    route: str, mode: GenerationMode, gateway_of: Callable[[MemoryJournal], Gateway]
) -> None:
    method, path = route.split(" ")
    contract = schemathesis.openapi.from_dict(document())
    gateway = contract.app = gateway_of(MemoryJournal())
    headers = {**SIGNED, "content-type": "application/json", "idempotency-key": "known"}
    _, _, created = gateway.send(Request("POST", "/transactions", list(headers.items()), KNOWN))
    there = {"id": json.loads(created)["id"], "account": "alice"}
    operation = contract[path][method]
    if mode is GenerationMode.NEGATIVE and route == HEALTH_ROUTE:
        pytest.skip("it takes nothing, so nothing can be wrong")

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    def holds(case: Any) -> None:
        if mode is GenerationMode.POSITIVE:
            case.path_parameters.update({name: there[name] for name in case.path_parameters})
            if route == "POST /transactions":  # the one rule that JSON Schema cannot say
                assume(case.body["debit_account"] != case.body["credit_account"])
        case.call_and_validate(headers={} if route == HEALTH_ROUTE else SIGNED)

    holds()
