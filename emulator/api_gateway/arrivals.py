"""Where a request arrived: the Region whose address took it, the caller's address, and the host that it named.

A custom domain has one name in several Regions, and its host does not say which of them was asked: the address does.
"""

from __future__ import annotations

import contextvars
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator import ministack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_LOCAL = re.compile(r"(?:[\d.]+|\[.*\]|(?:.+\.)?localhost)\Z")
_AWS = re.compile(r"\.(?:amazonaws\.com|on\.aws|api\.aws)\Z")


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """How a request came in; `region` is None at the address that serves every Region."""

    region: str | None
    caller: str
    host: str


_arrival: contextvars.ContextVar[Arrival | None] = contextvars.ContextVar("arrival", default=None)


def current() -> Arrival | None:
    """Return how the request that is being served came in; None outside a request."""
    return _arrival.get()


def noting(inner: Any, regions: Mapping[str, str]) -> Any:
    """Stand in front of an ASGI app; an unknown host gets API Gateway's 403 at an address of `regions`."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await inner(scope, receive, send)
            return
        hosts = [value for name, value in scope["headers"] if name.lower() == b"host"]
        host = (hosts[-1] if hosts else b"").decode("latin-1").lower().partition(":")[0]
        address, caller = (scope.get("server") or ("", 0))[0], (scope.get("client") or ("127.0.0.1", 0))[0]
        arrival = Arrival(region=regions.get(address), caller=caller, host=host)
        _arrival.set(arrival)
        if arrival.region and is_foreign(host, domains(arrival.region)):
            await _forbid(send)
            return
        await inner(scope, receive, send)

    return app


def is_foreign(host: str, known: Iterable[str]) -> bool:
    """Whether a host is none of AWS's names, none of this machine's and no custom domain of the Region."""
    return bool(host) and not _LOCAL.match(host) and not _AWS.search(host) and host not in known


def domains(region: str) -> set[str]:
    """Return the custom domains that a Region's API Gateway knows, of every account."""
    names = ministack.everywhere(ministack.APIGATEWAY_DOMAINS.value)
    return {name.lower() for _, place, name in list(names) if place == region}


def install() -> None:
    """Resolve a custom domain in the Region whose address was asked."""
    ministack.APIGATEWAY_DOMAIN_SCOPE.replace(_scope_of(ministack.APIGATEWAY_DOMAIN_SCOPE.value))


def _scope_of(stock: Callable[..., Any]) -> Callable[[str], Any]:
    def scope(domain: str) -> Any:
        arrival = current()
        if arrival is None or arrival.region is None:
            return stock(domain)
        keys = ministack.everywhere(ministack.APIGATEWAY_DOMAINS.value)
        here = (each for each in list(keys) if each[1] == arrival.region)
        return next((each for each in here if each[2].lower() == domain.lower()), None)

    return scope


async def _forbid(send: Any) -> None:
    body = json.dumps({"message": "Forbidden"}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
