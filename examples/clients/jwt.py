"""A client with a JWT, which is good in every Region: it needs the name and nothing of DNS.

The name has to have a certificate, which a stage with an imported or child zone has. A token survives the loss of a
Region only if its issuer does: do not use one that lives in a Region of the stage.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from examples.clients.exchange import Reply, Request, over_https
from examples.clients.retry import until_answered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from examples.clients.exchange import Exchange

UNAUTHORIZED = 401


class JwtClient:
    """Posts transactions to whichever Region the name leads to."""

    def __init__(
        self,
        name: str,
        token: Callable[[], str],
        *,
        exchange: Exchange = over_https,
        retry: Callable[[Callable[[], Reply]], Reply] = until_answered,
    ) -> None:
        """Take the API's name, and what gets a token from the issuer."""
        self._name, self._new_token = name, token
        self._token: str | None = None
        self._exchange, self._retry = exchange, retry

    def post(self, transaction: Mapping[str, Any], *, key: str) -> Reply:
        """Record a transaction under its Idempotency-Key, which every attempt repeats; raises NoAnswerError."""
        body = json.dumps(transaction).encode()
        return self._retry(lambda: self._attempt(body, key))

    def _attempt(self, body: bytes, key: str) -> Reply:
        """Get a new token after a 401, once: the one that was kept has expired."""
        kept, self._token = self._token, self._token or self._new_token()
        reply = self._exchange(self._request(self._token, body, key))
        if reply.status == UNAUTHORIZED and kept is not None:
            self._token = self._new_token()
            reply = self._exchange(self._request(self._token, body, key))
        return reply

    def _request(self, token: str, body: bytes, key: str) -> Request:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": key}
        return Request(host=self._name, method="POST", path="/transactions", headers=headers, body=body)
