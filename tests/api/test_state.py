"""A read of a transaction tells what became of it; the acknowledgement stays as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tandem_runtime.shared.ledger_errors import LedgerUnavailableError
from tandem_runtime.transactions.api import answer
from tests.api.contract import objection
from tests.api.gateway import REPLICAS, SIGNATURE, Gateway, MemoryJournal, Request, memory_ports
from tests.api.requests import VALID
from tests.api.test_replay import in_region, post

if TYPE_CHECKING:
    from tandem_runtime.transactions.outcome import State

SIGNED = [("authorization", SIGNATURE)]


class Outcomes:
    """A ledger that says so of every transaction, or is away."""

    def __init__(self, state: State | None) -> None:
        self._state = state

    def state(self, _: object) -> State:
        if self._state is None:
            raise LedgerUnavailableError("writer: connection refused")
        return self._state


def read(journal: MemoryJournal, transaction_id: str, state: State | None) -> tuple[int, dict[str, Any]]:
    ports = replace(memory_ports(journal, REPLICAS[0]), outcomes=lambda: Outcomes(state))
    gateway = Gateway(lambda event, _: answer(event, ports), lambda _event, _context: {})
    status, headers, body = gateway.send(Request("GET", f"/transactions/{transaction_id}", SIGNED))
    assert objection("GET /transactions/{id}", status, headers, body) is None
    return status, json.loads(body)


def test_a_read_is_the_acknowledgement_with_the_ledgers_state() -> None:
    journal = MemoryJournal()
    acknowledged = json.loads(post(in_region(REPLICAS[0], journal), VALID)[2])
    states: tuple[State, ...] = ("accepted", "posted", "rejected", "in_conflict", "unknown")
    for state in states:
        assert read(journal, acknowledged["id"], state) == (200, {**acknowledged, "ledger": {"state": state}})


def test_a_read_while_the_ledger_is_away_is_answered_from_the_journal_with_an_unknown_state() -> None:
    journal = MemoryJournal()
    acknowledged = json.loads(post(in_region(REPLICAS[0], journal), VALID)[2])
    assert read(journal, acknowledged["id"], None) == (200, {**acknowledged, "ledger": {"state": "unknown"}})


def test_the_acknowledgement_is_these_bytes_whatever_the_ledger_says() -> None:
    body = post(in_region(REPLICAS[0], MemoryJournal()), {**VALID, "description": "order 7"})[2].decode()
    recorded_at = json.loads(body)["recorded_at"]
    assert body == (
        f'{{"id":"{json.loads(body)["id"]}","status":"accepted","debit_account":"alice","credit_account":"bob",'
        '"amount":"12.34","currency":"EUR","description":"order 7","metadata":{"a":"2","b":"1"},'
        f'"recorded_at":"{recorded_at}","origin":"{REPLICAS[0]}"}}'
    )
