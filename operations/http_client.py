"""The one HTTP client: requests to one server, on a connection that is kept. What fails is an OSError."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Self

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.exceptions import HTTPError

if TYPE_CHECKING:
    from collections.abc import Mapping


class HttpClient:
    """Sends each request once: whoever asks decides whether to ask again. One per thread."""

    def __init__(
        self,
        scheme: str,
        host: str,
        port: int | None = None,
        *,
        timeout_seconds: float,
        server_name: str | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """Take the server; connecting, and each wait for bytes, may take `timeout_seconds`.

        With https, `server_name` is the host whose certificate is expected where `host` is an address, and `trust` says
        which authorities are believed, those of the system unless it is given.
        """
        timeout = Timeout(connect=timeout_seconds, read=timeout_seconds)
        self._pool: HTTPConnectionPool = (
            HTTPSConnectionPool(
                host,
                port,
                timeout=timeout,
                maxsize=1,
                server_hostname=server_name or host,
                ssl_context=trust or ssl.create_default_context(),
            )
            if scheme == "https"
            else HTTPConnectionPool(host, port, timeout=timeout, maxsize=1)
        )

    def request(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Send one request and return status and body; raises OSError when nothing answers, or not whole."""
        try:
            answer = self._pool.request(
                method, path, body=body, headers=dict(headers or {}), retries=False, redirect=False
            )
        except HTTPError as error:
            raise _system_error(error) from error
        return answer.status, answer.data

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()

    def __enter__(self) -> Self:
        """Use it as a context manager that closes the connection."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self.close()


def _system_error(error: BaseException) -> OSError:
    """Return what the system said: urllib3 keeps it as a cause or as an argument; else an OSError of ours."""
    for each in (error.__cause__, *error.args):
        if isinstance(each, OSError):
            return each
        if isinstance(each, HTTPError):
            return _system_error(each)
    return OSError(" ".join(str(error).split()))
