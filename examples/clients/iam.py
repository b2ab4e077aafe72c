"""A client that signs with IAM credentials. A signature is for one Region, and the CNAME says which."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from examples.clients.exchange import Reply, Request, over_https
from examples.clients.retry import until_answered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.credentials import Credentials

    from examples.clients.exchange import Exchange
    from examples.clients.name import Place

FORBIDDEN = 403


class Where(Protocol):
    """Knows where the API is now."""

    def place(self, *, fresh: bool = False) -> Place:
        """Return it, asked anew if `fresh`."""
        ...


class IamClient:
    """Posts transactions to whichever Region serves."""

    def __init__(
        self,
        where: Where,
        credentials: Credentials,
        *,
        exchange: Exchange = over_https,
        retry: Callable[[Callable[[], Reply]], Reply] = until_answered,
    ) -> None:
        """Take where the API is, and credentials that may call it."""
        self._where, self._credentials = where, credentials
        self._exchange, self._retry = exchange, retry

    def post(self, transaction: Mapping[str, Any], *, key: str) -> Reply:
        """Record a transaction under its Idempotency-Key, which every attempt repeats; raises NoAnswerError."""
        body = json.dumps(transaction).encode()
        return self._retry(lambda: self._attempt("POST", "/transactions", body, {"Idempotency-Key": key}))

    def _attempt(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Send it once more after a 403: DNS may have moved since the answer was kept, and the signature with it."""
        reply = self._exchange(self._signed(self._where.place(), method, path, body, headers))
        if reply.status == FORBIDDEN:
            reply = self._exchange(self._signed(self._where.place(fresh=True), method, path, body, headers))
        return reply

    def _signed(self, place: Place, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Request:
        given = {"Content-Type": "application/json", **headers}
        request = AWSRequest(method=method, url=f"https://{place.host}{path}", data=body, headers=given)
        SigV4Auth(self._credentials, "execute-api", place.region).add_auth(request)
        return Request(host=place.host, method=method, path=path, headers=dict(request.headers.items()), body=body)
