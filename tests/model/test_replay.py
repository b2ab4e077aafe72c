"""The same key and payload get the same answer from either Region's real function, on real tables of both."""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from tandem_runtime.shared.journal import Journal
from tests.api.contract import objection
from tests.api.gateway import SIGNATURE, Gateway, Request
from tests.api.requests import VALID
from tests.functions import environment
from tests.model.regions import REGIONS, Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tandem_runtime.transactions.api import Ports
    from tests.model.regions import Aws

Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def tables(aws: Aws) -> Iterator[Tables]:
    made = Tables(aws)
    yield made
    aws.control.partition(on=False)
    aws.everything_arrived()
    made.drop()


@pytest.fixture
def gateways(tables: Tables) -> list[Gateway]:
    """The deployed handler, once per Region: its module reads its environment when it is imported."""
    return [_gateway(region, tables) for region in (0, 1)]


def _gateway(region: int, tables: Tables) -> Gateway:
    name = "tandem_runtime.transactions.handler"
    kept = sys.modules.pop(name, None)
    with pytest.MonkeyPatch.context() as patch:
        variables = environment(
            region=REGIONS[region],
            other_region=REGIONS[1 - region],
            role=("primary", "secondary")[region],
            journal_table=tables.journal,
            operational_table=tables.operational,
        )
        for variable, value in variables.items():
            patch.setenv(variable, value)
        module: Any = import_module(name)
    if kept is None:
        del sys.modules[name]
    else:
        sys.modules[name] = kept
    journal = Journal(tables.aws.dynamodb[region], module.place.journal_table)
    ports: Ports = module.PORTS
    module.PORTS = replace(ports, journal=lambda: journal)
    return Gateway(module.handler, lambda _event, _context: {})


def send(gateway: Gateway, key: str, **changes: Any) -> Answer:
    headers = [("authorization", SIGNATURE), ("content-type", "application/json"), ("idempotency-key", key)]
    return gateway.send(Request("POST", "/transactions", headers, json.dumps({**VALID, **changes}).encode()))


def together(calls: list[Callable[[], Answer]]) -> list[Answer]:
    answers: list[Answer] = []
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Answer]) -> None:
        start.wait()
        answers.append(call())

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.parametrize("first", [0, 1])
def test_a_retry_gets_the_same_status_and_body_from_either_region(
    tables: Tables, gateways: list[Gateway], first: int
) -> None:
    said = send(gateways[first], "order-7")
    assert said[0] == 201
    tables.aws.everything_arrived()
    assert [send(gateway, "order-7") for gateway in gateways] == [said, said]
    assert len(tables.items(0)) == 1
    assert tables.items(0) == tables.items(1)


def test_the_same_key_with_another_payload_is_a_409_with_a_problem_body_in_either_region(
    tables: Tables, gateways: list[Gateway]
) -> None:
    send(gateways[0], "order-7")
    tables.aws.everything_arrived()
    for gateway in gateways:
        status, headers, body = send(gateway, "order-7", amount="99.99")
        assert (status, headers["content-type"]) == (409, "application/problem+json")
        assert "'order-7' was used for another transaction" in json.loads(body)["detail"]
        assert objection("POST /transactions", status, headers, body) is None
    assert len(tables.items(0)) == 1


def test_of_concurrent_duplicates_one_wins_and_all_get_its_answer(tables: Tables, gateways: list[Gateway]) -> None:
    answers = together([lambda: send(gateways[0], "order-7")] * 8)
    assert [answer[0] for answer in answers] == [201] * 8
    assert len(set(map(repr, answers))) == 1
    assert len(tables.items(0)) == 1


def test_of_concurrent_payloads_of_one_key_one_wins_and_the_others_are_told(
    tables: Tables, gateways: list[Gateway]
) -> None:
    def call(number: int) -> Callable[[], Answer]:
        return lambda: send(gateways[0], "order-7", amount=f"{number}.00")

    answers = together([call(number) for number in range(1, 9)])
    assert sorted(answer[0] for answer in answers) == [201] + [409] * 7
    [item] = tables.items(0).values()
    [won] = [json.loads(answer[2]) for answer in answers if answer[0] == 201]
    assert item["amount"] == {"N": won["amount"].replace(".", "")}


def test_what_both_regions_took_in_a_partition_is_one_transaction_with_one_answer_once_it_is_over(
    tables: Tables, gateways: list[Gateway]
) -> None:
    tables.aws.control.partition(on=True)
    said = [send(gateway, "order-7") for gateway in gateways]
    assert [answer[0] for answer in said] == [201, 201]
    tables.aws.control.partition(on=False)
    tables.aws.everything_arrived()
    again = [send(gateway, "order-7") for gateway in gateways]
    assert again[0] == again[1]
    assert again[0] in said
    assert tables.items(0) == tables.items(1)
