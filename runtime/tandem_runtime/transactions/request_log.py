"""The log line of a request: who asked what, of which transaction, and what was answered. It holds no payload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract.canary import POST_ROUTE
from tandem_runtime.shared.problems import Problem
from tandem_runtime.transactions.request import caller_of, idempotency_key_of, transaction_id_of, uuid_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_RECORDING = ("POST /transactions", POST_ROUTE)


def log_fields(event: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    """The line's fields; `request_id` is API Gateway's, which its access log has too.

    A caller or transaction that the request does not name, as it should, is None.
    """
    return {
        "request_id": event.get("requestContext", {}).get("requestId"),
        "route": event.get("routeKey"),
        "caller": _caller(event),
        "transaction_id": _transaction_id(event),
        "outcome": answer["statusCode"],
    }


def _caller(event: Mapping[str, Any]) -> str | None:
    try:
        return caller_of(event)
    except Problem:
        return None


def _transaction_id(event: Mapping[str, Any]) -> str | None:
    """The id in the path, or the one that caller and key make: it is known even where the answer is a problem."""
    try:
        if event.get("routeKey") in _RECORDING:
            return transaction_id_of(caller_of(event), idempotency_key_of(event))
        return uuid_of(str((event.get("pathParameters") or {}).get("id", "")))
    except Problem:
        return None
