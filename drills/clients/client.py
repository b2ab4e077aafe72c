"""A client of the API that knows nothing but its name."""

from __future__ import annotations

import http.client
import socket
import ssl
from typing import TYPE_CHECKING, Self

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

if TYPE_CHECKING:
    from drills.clients.resolver import Answer, CachedName, ChosenName
    from drills.clients.tls import EmbeddedTls
    from operations.endpoint import Endpoint

HTTPS_PORT = 443
CUSTOM_DOMAIN = "d-"
"""How the target of a Regional custom domain begins (API Gateway Developer Guide)."""


class _TlsConnection(http.client.HTTPSConnection):
    """Connects to an address that was resolved before, and expects the certificate of the host that it asks for."""

    def __init__(self, address: str, port: int, *, host: str, timeout: float, tls: ssl.SSLContext) -> None:
        # without a context it would make one of its own for each connection, and read all of the system's authorities
        super().__init__(host, port, timeout=timeout, context=tls)
        self._address, self._tls = address, tls

    def connect(self) -> None:
        """Connect."""
        plain = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


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
        self._connection: http.client.HTTPConnection | None = None
        self._connected_to: tuple[str, str] | None = None

    def request(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[str, int, bytes]:
        """Send one request; return the Region it went to, status and body; raises OSError or HTTPException."""
        answer = self._name.resolve()
        host = self._name.name if answer.canonical.startswith(CUSTOM_DOMAIN) else answer.canonical
        request = AWSRequest(method=method, url=f"https://{host}{path}", data=body, headers={**(headers or {})})
        SigV4Auth(self._credentials, "execute-api", answer.region).add_auth(request)
        connection = self._connect(answer, host)
        try:
            connection.request(method, path, body=body, headers={**dict(request.headers.items()), "Host": host})
            response = connection.getresponse()
            return answer.region, response.status, response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def _connect(self, answer: Answer, host: str) -> http.client.HTTPConnection:
        target = (answer.address, answer.canonical)
        if self._connection is None or self._connected_to != target:
            self.close()
            port = self._embedded.ports[answer.region] if self._embedded else HTTPS_PORT
            self._connection = _TlsConnection(answer.address, port, host=host, timeout=self._timeout, tls=self._trust)
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
