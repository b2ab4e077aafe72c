"""One request and its reply over HTTPS, with the standard library alone."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE_SECONDS = 3.0
"""A Region that is lost does not answer: waiting longer only delays the retry that finds the other one."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is sent. `host` is connected to, and is what the certificate has to be for."""

    host: str
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back."""

    status: int
    body: bytes


Exchange: TypeAlias = Callable[[Request], Reply]
"""Sends a request; raises OSError or HTTPException when nothing answers."""


def over_https(request: Request) -> Reply:
    """Send it on a connection of its own, so that the name is looked up again each time."""
    connection = http.client.HTTPSConnection(request.host, timeout=PATIENCE_SECONDS)
    try:
        connection.request(request.method, request.path, body=request.body or None, headers=dict(request.headers))
        response = connection.getresponse()
        return Reply(status=response.status, body=response.read())
    finally:
        connection.close()
