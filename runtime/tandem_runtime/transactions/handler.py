"""`transactions`: parse, call, answer."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from aws_lambda_powertools import Logger

from tandem_runtime.clients import client
from tandem_runtime.journal import Journal
from tandem_runtime.ledger_connection import LedgerConnection, LedgerUnavailableError
from tandem_runtime.problems import Problem, json_response
from tandem_runtime.settings import LedgerSettings, Settings
from tandem_runtime.transactions import logic
from tandem_runtime.transactions.ports import Documents, LedgerAccounts
from tandem_runtime.transactions.request import idempotency_key_of, json_body, uuid_of

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = Logger()
settings = Settings.read(os.environ)


@cache
def _journal() -> Journal:
    return Journal(client("dynamodb", settings.region), settings.journal_table)


@cache
def _ledger() -> LedgerConnection:
    return LedgerConnection(LedgerSettings.read(os.environ))


@cache
def _documents() -> Documents:
    return Documents(client("s3", settings.region), os.environ["TANDEM_DOCUMENTS_BUCKET"])


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer one HTTP API request (payload 2.0)."""
    try:
        return _route(event)
    except Problem as problem:
        return problem.response()
    except LedgerUnavailableError as error:
        logger.warning("ledger unavailable", exc_info=error)
        return Problem(503, "the ledger cannot be read at the moment: try again").response()


def _route(event: Mapping[str, Any]) -> dict[str, Any]:
    route = event.get("routeKey", "")
    parameters = {name: unquote(value) for name, value in (event.get("pathParameters") or {}).items()}
    if route == "POST /transactions":
        return json_response(201, _post(event))
    if route == "GET /accounts/{account}":
        try:
            return json_response(200, logic.account(parameters["account"], LedgerAccounts(_ledger())))
        finally:
            _ledger().close_if_idle()
    if "/transactions/{id}" not in route:
        raise Problem(404, f"{str(route)[:80]!r} is not a route of this API")
    found = logic.find(uuid_of(parameters["id"]), _journal())
    if route == "POST /transactions/{id}/documents":
        return json_response(201, _documents().upload(found["id"], json_body(event)))
    if route == "GET /transactions/{id}/documents":
        return json_response(200, {"documents": _documents().listing(found["id"])})
    return json_response(200, found)


def _post(event: Mapping[str, Any]) -> dict[str, Any]:
    return logic.post(
        json_body(event),
        caller=_caller(event),
        idempotency_key=idempotency_key_of(event),
        origin=settings.region,
        now=datetime.now(UTC),
        journal=_journal(),
    )


def _caller(event: Mapping[str, Any]) -> str:
    """Whose idempotency keys these are: keys of different callers never meet.

    The account of an IAM caller, the subject of a JWT: both are the same in every Region.
    """
    authorizer = event.get("requestContext", {}).get("authorizer") or {}
    claims = (authorizer.get("jwt") or {}).get("claims") or {}
    return str(claims.get("sub") or (authorizer.get("iam") or {}).get("accountId") or "anonymous")
