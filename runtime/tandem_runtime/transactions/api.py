"""An HTTP API request (payload 2.0) turned into a call of the logic, and its outcome into an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from contract.canary import LOOK_ROUTE, ROUTES
from tandem_runtime.shared.problems import Problem, json_response
from tandem_runtime.shared.transaction import MalformedItemError
from tandem_runtime.transactions import canary, logic
from tandem_runtime.transactions.request import (
    account_of,
    caller_of,
    documents_page_of,
    idempotency_key_of,
    json_body,
    page_of,
    uuid_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tandem_runtime.transactions.outcome import Outcomes


@dataclass(frozen=True, kw_only=True)
class Ports:
    """What a request may need. Each is made when it is first asked for: a new transaction needs the journal alone."""

    region: str
    journal: Callable[[], logic.Journal]
    accounts: Callable[[], logic.Accounts]
    posted: Callable[[], canary.Posted]
    outcomes: Callable[[], Outcomes]
    documents: Callable[[], logic.Documents]


def answer(event: Mapping[str, Any], ports: Ports) -> dict[str, Any]:
    """Answer a request, with a problem where it cannot be served; what raises is what a port raises."""
    try:
        return _route(event, ports)
    except Problem as problem:
        return problem.response()
    except MalformedItemError as error:
        return Problem(
            500, f"the journal's item of this transaction is malformed and in quarantine: {error}"
        ).response()


def _route(event: Mapping[str, Any], ports: Ports) -> dict[str, Any]:
    route = event.get("routeKey", "")
    caller = caller_of(event)
    parameters = {name: unquote(value) for name, value in (event.get("pathParameters") or {}).items()}
    if route == "POST /transactions":
        return json_response(201, _post(event, ports, caller))
    if route in ROUTES:
        return _canary(event, ports, caller, parameters)
    if route == "GET /accounts/{account}":
        name = account_of(parameters["account"])
        limit, before = page_of(event)
        return json_response(200, logic.account(name, ports.accounts(), limit=limit, before=before))
    if "/transactions/{id}" not in route:
        raise Problem(404, f"{str(route)[:80]!r} is not a route of this API")
    transaction_id = uuid_of(parameters["id"])
    if route == "POST /transactions/{id}/documents":
        body = json_body(event)
        transaction = logic.find(transaction_id, ports.journal())
        return json_response(201, ports.documents().upload(transaction["id"], body))
    if route == "GET /transactions/{id}/documents":
        limit, after = documents_page_of(event)
        transaction = logic.find(transaction_id, ports.journal())
        return json_response(200, ports.documents().listing(transaction["id"], limit=limit, after=after))
    return json_response(200, logic.read(transaction_id, ports.journal(), ports.outcomes()))


def _post(event: Mapping[str, Any], ports: Ports, caller: str) -> dict[str, Any]:
    return logic.post(
        json_body(event),
        caller=caller,
        idempotency_key=idempotency_key_of(event),
        origin=ports.region,
        now=datetime.now(UTC),
        journal=ports.journal(),
    )


def _canary(event: Mapping[str, Any], ports: Ports, caller: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    if event["routeKey"] == LOOK_ROUTE:
        looked_for = uuid_of(parameters["id"])
        return json_response(200, canary.look(looked_for, journal=ports.journal(), ledger=ports.posted()))
    posted = canary.post(
        caller=caller,
        idempotency_key=idempotency_key_of(event),
        origin=ports.region,
        now=datetime.now(UTC),
        journal=ports.journal(),
    )
    return json_response(201, posted)
