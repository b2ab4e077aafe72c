"""The same key and payload get the same answer; another payload is told so."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tandem_runtime.shared.ledger_errors import LedgerUnavailableError
from tandem_runtime.transactions.api import Ports, answer
from tests.api.contract import objection
from tests.api.gateway import REPLICAS, SIGNATURE, Gateway, MemoryJournal, Request, memory_ports
from tests.api.requests import VALID

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
BODIES = st.fixed_dictionaries(
    {"debit_account": st.just("alice"), "credit_account": st.just("bob"), "amount": st.just("1.00"),
    "currency": st.just("EUR")},
    optional={
        "description": TEXT,
        "metadata": st.dictionaries(TEXT.filter(bool), TEXT, max_size=6),
    },
)  # fmt: skip


def post(gateway: Gateway, body: dict[str, Any], key: str = "k") -> tuple[int, dict[str, str], bytes]:
    headers = [("authorization", SIGNATURE), ("content-type", "application/json"), ("idempotency-key", key)]
    return gateway.send(Request("POST", "/transactions", headers, json.dumps(body).encode()))


def in_region(region: str, journal: MemoryJournal) -> Gateway:
    ports = memory_ports(journal, region)
    return Gateway(lambda event, _: answer(event, ports), lambda _event, _context: {})


@given(BODIES, st.randoms(use_true_random=False))
@settings(derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_retry_gets_the_same_bytes_from_either_region_however_its_names_are_ordered(
    body: dict[str, Any], random: Any
) -> None:
    journal = MemoryJournal()
    first = post(in_region(REPLICAS[0], journal), body)
    shuffled = random.sample(sorted(body.items()), len(body))
    metadata = random.sample(sorted(body.get("metadata", {}).items()), len(body.get("metadata", {})))
    again = {name: dict(metadata) if name == "metadata" else value for name, value in shuffled}
    assert first[0] == 201
    for region in REPLICAS:
        assert post(in_region(region, journal), again) == first
    assert len(journal.items) == 1


def test_what_defaults_say_is_the_same_payload_as_what_leaves_them_out() -> None:
    gateway = in_region(REPLICAS[0], MemoryJournal())
    bare = {name: value for name, value in VALID.items() if name not in ("description", "metadata")}
    assert post(gateway, bare) == post(gateway, {**bare, "description": "", "metadata": {}})


def test_the_same_key_with_another_payload_is_a_conflict_that_says_so_in_either_region() -> None:
    journal = MemoryJournal()
    post(in_region(REPLICAS[0], journal), VALID, "order-7")
    for region in REPLICAS:
        status, headers, body = post(in_region(region, journal), {**VALID, "amount": "12.35"}, "order-7")
        assert (status, headers["content-type"]) == (409, "application/problem+json")
        assert "'order-7' was used for another transaction" in json.loads(body)["detail"]
        assert objection("POST /transactions", status, headers, body) is None
    assert len(journal.items) == 1


@pytest.mark.parametrize("keys", [("a", "a"), ("a", "b"), ("a,a",)])
def test_a_key_that_is_sent_twice_is_refused_in_one_line_and_nothing_is_recorded(keys: tuple[str, ...]) -> None:
    journal = MemoryJournal()
    gateway = in_region(REPLICAS[0], journal)
    headers = [("authorization", SIGNATURE), ("content-type", "application/json")]
    headers += [("idempotency-key", key) for key in keys]
    status, answered, body = gateway.send(Request("POST", "/transactions", headers, json.dumps(VALID).encode()))
    assert status == 400
    assert json.loads(body)["detail"] == (
        f"header Idempotency-Key is {','.join(keys)!r}: send it once, as 1 to 128 printable ASCII characters "
        "without space or comma"
    )
    assert objection("POST /transactions", status, answered, body) is None
    assert not journal.items


def test_a_new_transaction_is_one_put_and_no_read() -> None:
    journal = MemoryJournal()
    post(in_region(REPLICAS[0], journal), VALID)
    assert (journal.puts, journal.reads) == (1, 0)


def test_an_item_written_around_the_api_is_a_documented_failure_and_not_a_crash() -> None:
    journal = MemoryJournal()
    gateway = in_region(REPLICAS[0], journal)
    known = json.loads(post(gateway, VALID)[2])["id"]
    next(iter(journal.items.values()))["amount"] = {"N": "-1"}
    for request in (Request("GET", f"/transactions/{known}", [("authorization", SIGNATURE)]), None):
        status, headers, body = gateway.send(request) if request else post(gateway, VALID)
        assert status == 500
        assert "quarantine" in json.loads(body)["detail"]
        assert objection(gateway.reached, status, headers, body) is None


@pytest.mark.parametrize("away", ["ledger", "journal"])
def test_what_is_away_is_said_to_be_so_with_503(
    away: str, modules: tuple[Any, Any, pytest.MonkeyPatch], gateway_of: Callable[[MemoryJournal], Gateway]
) -> None:
    from botocore.exceptions import EndpointConnectionError  # noqa: PLC0415 - as the function itself loads it

    handler, _, patch = modules
    gateway = gateway_of(MemoryJournal())

    def ledger() -> Any:
        raise LedgerUnavailableError("writer: connection refused")

    def journal() -> Any:
        raise EndpointConnectionError(endpoint_url="https://dynamodb")

    ports: Ports = handler.PORTS
    patch.setattr(handler, "PORTS", replace(ports, journal=journal, accounts=ledger))
    signed = [("authorization", SIGNATURE)]
    answered = (
        gateway.send(Request("GET", "/accounts/alice", signed)) if away == "ledger" else post(gateway, VALID, "k")
    )
    assert answered[0] == 503
    assert "try again" in json.loads(answered[2])["detail"]
    assert objection(gateway.reached, *answered) is None
