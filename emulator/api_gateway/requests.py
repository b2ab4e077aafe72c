"""Requests to HTTP APIs as their functions get them: AWS's payload 2.0 where MiniStack's differs from it.

Source: API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs", payload format structure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator import ministack

if TYPE_CHECKING:
    from collections.abc import Iterable


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
        if scope["type"] == "http":
            headers = joined(scope["headers"])
            host = dict(headers).get(b"host", b"").decode("latin-1")
            if _is_api(host, scope["path"]):
                scope = {**scope, "headers": headers}
        await inner(scope, receive, send)

    return app


def install() -> None:
    """Add to the event what MiniStack leaves out: the stage's variables, and a signed caller's `cognitoIdentity`."""
    stock = ministack.APIGATEWAY_RUN.value

    async def run(call: Any, *arguments: Any, **named: Any) -> Any:
        for each in arguments:
            if isinstance(each, dict) and each.get("version") == "2.0" and "routeKey" in each:
                _complete(each)
        return await stock(call, *arguments, **named)

    ministack.APIGATEWAY_RUN.replace(run)


def _is_api(host: str, path: str) -> bool:
    return bool(ministack.APP_PARSE_API_URL.value(host, path) or ministack.APP_CUSTOM_DOMAIN.value(host, path))


def _complete(event: dict[str, Any]) -> None:
    context = event["requestContext"]
    if variables := ministack.APIGATEWAY_VARIABLES.value(context["apiId"], context["stage"]):
        event.setdefault("stageVariables", dict(variables))
    if iam := (context.get("authorizer") or {}).get("iam"):
        iam.setdefault("cognitoIdentity", None)
