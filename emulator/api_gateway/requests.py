"""Requests to HTTP APIs as their functions get them: AWS's payload 2.0 where MiniStack's differs from it.

Source: API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs", payload format structure.
"""

from __future__ import annotations

import base64
import os
import time
from typing import TYPE_CHECKING, Any

from emulator import ministack
from emulator.api_gateway import arrivals
from emulator.api_gateway.limits import within
from emulator.faults.requests import is_api

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from emulator.api_gateway.arrivals import Arrival

_HOP_BY_HOP = ("connection", "keep-alive", "proxy-authenticate", "te", "trailer", "transfer-encoding", "upgrade")
"""Headers that end at API Gateway (RFC 9110, 7.6.1)."""


def joined(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Join the values of a header that is sent several times by a comma, without a space; cookies are none of these."""
    values: dict[bytes, bytes] = {}
    cookies = []
    for name, value in headers:
        lower = name.lower()
        if lower == b"cookie":
            cookies.append((lower, value))
        else:
            values[lower] = values[lower] + b"," + value if lower in values else value
    return [*values.items(), *cookies]


def in_front_of(inner: Any) -> Any:
    """Stand in front of an ASGI app, which would join headers by a comma and a space."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and is_api(scope):
            scope = {**scope, "headers": joined(scope["headers"])}
        await inner(scope, receive, send)

    return app


def install() -> None:
    """Complete the events that functions get."""
    stock = ministack.APIGATEWAY_RUN.value

    async def run(call: Any, *arguments: Any, **named: Any) -> Any:
        for each in arguments:
            if isinstance(each, dict) and each.get("version") == "2.0" and "routeKey" in each:
                variables = ministack.APIGATEWAY_VARIABLES.value(
                    each["requestContext"]["apiId"], each["requestContext"]["stage"]
                )
                complete(each, arrivals.current(), variables, time.time())
        return await within(stock, call, *arguments, **named)

    ministack.APIGATEWAY_RUN.replace(run)


def complete(event: dict[str, Any], arrival: Arrival | None, variables: Mapping[str, str], now: float) -> None:
    """Turn MiniStack's event into AWS's, field by field; `now` is the time in seconds since 1970."""
    context, headers = event["requestContext"], event["headers"]
    if variables:
        event.setdefault("stageVariables", dict(variables))
    if event.get("pathParameters") is None:
        event.pop("pathParameters", None)
    cookies = headers.pop("cookie", None)
    if cookies:
        event["cookies"] = [each.strip() for each in cookies.split(";")]
    for name in _HOP_BY_HOP:
        headers.pop(name, None)
    caller = arrival.caller if arrival else "127.0.0.1"
    before = headers.get("x-forwarded-for")
    headers["x-forwarded-for"] = f"{before}, {caller}" if before else caller
    headers["x-forwarded-proto"], headers["x-forwarded-port"] = "https", "443"
    headers.setdefault("x-amzn-trace-id", f"Root=1-{int(now):08x}-{os.urandom(12).hex()}")
    host = headers.get("host", "").partition(":")[0] or context["domainName"]
    context["domainName"], context["domainPrefix"] = host, host.partition(".")[0]
    context["requestId"] = base64.b64encode(os.urandom(11)).decode()
    context["time"] = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now))
    context["timeEpoch"] = int(now * 1000)
    context["http"]["sourceIp"] = caller
    if context["stage"] != "$default":
        event["rawPath"] = context["http"]["path"] = f"/{context['stage']}{event['rawPath']}"
    authorizer = context.get("authorizer") or {}
    if iam := authorizer.get("iam"):
        iam.setdefault("cognitoIdentity", None)
    if (jwt := authorizer.get("jwt")) and not jwt.get("scopes"):
        jwt["scopes"] = None
