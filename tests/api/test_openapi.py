from __future__ import annotations

import re

import pytest
from openapi_spec_validator import validate

from stacks.settings.tables import Api
from tandem.api import HEALTH_ROUTE, ROUTES, scope_of
from tandem_runtime.shared.money import exponent_of
from tandem_runtime.shared.problems import Problem
from tandem_runtime.transactions.request import idempotency_key_of
from tests.api.contract import document

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
OF_THE_GATEWAY = {"429", "500", "503"}


def test_the_document_is_valid_openapi_3_1() -> None:
    assert document()["openapi"].startswith("3.1.")
    validate(document())


def test_the_document_holds_the_routes_that_are_deployed_and_no_others() -> None:
    described = {
        f"{method.upper()} {path}"
        for path, operations in document()["paths"].items()
        for method in METHODS
        if method in operations
    }
    assert described == {*ROUTES, HEALTH_ROUTE}


def test_every_route_may_be_throttled_fail_or_be_away_and_all_but_health_ask_who_calls() -> None:
    for path, operations in document()["paths"].items():
        for method in set(METHODS) & set(operations):
            answers = set(operations[method]["responses"])
            assert answers >= OF_THE_GATEWAY
            open_to_all = operations[method].get("security") == []
            assert open_to_all == (f"{method.upper()} {path}" == HEALTH_ROUTE)
            assert open_to_all or answers >= {"401", "403"}


def test_each_route_names_the_scope_that_is_deployed_unless_the_settings_say_otherwise() -> None:
    named = {
        f"{method.upper()} {path}": [each["jwt"] for each in operations[method].get("security", ()) if "jwt" in each]
        for path, operations in document()["paths"].items()
        for method in set(METHODS) & set(operations)
    }
    assert named == {HEALTH_ROUTE: [], **{route: [[scope_of(route, Api())]] for route in ROUTES}}


def test_the_currencies_are_those_of_the_code_with_their_decimals() -> None:
    schemas = document()["components"]["schemas"]
    branches = schemas["NewTransaction"]["oneOf"]
    listed = [set(branch["properties"]["currency"]["enum"]) for branch in branches]
    assert set().union(*listed) == set(schemas["Currency"]["enum"])
    for exponent, currencies in zip((2, 0, 3), listed, strict=True):
        assert {exponent_of(currency) for currency in currencies} == {exponent}


def test_the_keys_that_are_described_are_those_that_are_taken() -> None:
    described = document()["paths"]["/transactions"]["post"]["parameters"][0]["schema"]["pattern"]
    for key in [*map(chr, range(0x180)), "", "x" * 128, "x" * 129, "a,a"]:
        event = {"headers": {"idempotency-key": key}}
        if re.fullmatch(described, key):
            assert idempotency_key_of(event) == key
        else:
            with pytest.raises(Problem):
                idempotency_key_of(event)
