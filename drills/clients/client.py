"""A client of the API that knows nothing but its name."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Self

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from operations.http_client import HttpClient

if TYPE_CHECKING:
    from drills.clients.resolver import Answer, CachedName, ChosenName
    from drills.clients.tls import EmbeddedTls
    from operations.endpoint import Endpoint

HTTPS_PORT = 443
CUSTOM_DOMAIN = "d-"
"""How the target of a Regional custom domain begins (API Gateway Developer Guide)."""


class NamedClient:
    """Signed requests to wherever the name leads. One per thread: it keeps its connection until the answer changes."""

    def __init__(
        self,
        endpoint: Endpoint,
        name: CachedName | ChosenName,
        *,
        timeout_seconds: float = 3,
        tls: EmbeddedTls | None = None,
    ) -> None:
        """Take the name; a request fails with OSError after `timeout_seconds` without an answer.

        `tls` says where an embedded AWS speaks TLS, and whom to trust there; it is None for AWS itself.
        """
        self._name, self._timeout = name, timeout_seconds
        self._credentials = endpoint.credentials()
        self._embedded, self._trust = tls, tls.context if tls else ssl.create_default_context()
        self._connection: HttpClient | None = None
        self._connected_to: tuple[str, str] | None = None

    def request(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[str, int, bytes]:
        """Send one request; return the Region it went to, status and body; raises OSError."""
        answer = self._name.resolve()
        host = self._name.name if answer.canonical.startswith(CUSTOM_DOMAIN) else answer.canonical
        request = AWSRequest(method=method, url=f"https://{host}{path}", data=body, headers={**(headers or {})})
        SigV4Auth(self._credentials, "execute-api", answer.region).add_auth(request)
        connection = self._connect(answer, host)
        try:
            headers = {**dict(request.headers.items()), "Host": host}
            return answer.region, *connection.request(method, path, body=body, headers=headers)
        except OSError:
            self.close()
            raise

    def _connect(self, answer: Answer, host: str) -> HttpClient:
        target = (answer.address, answer.canonical)
        if self._connection is None or self._connected_to != target:
            self.close()
            port = self._embedded.ports[answer.region] if self._embedded else HTTPS_PORT
            self._connection = HttpClient(
                "https", answer.address, port, timeout_seconds=self._timeout, server_name=host, trust=self._trust
            )
            self._connected_to = target
        return self._connection

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._connected_to = None

    def __enter__(self) -> Self:
        """Use it as a context manager that closes the connection."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self.close()
