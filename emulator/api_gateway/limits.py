"""What an HTTP API answers in its function's place: to what is too large, too late or failed, and to preflights.

Sources: API Gateway Developer Guide, "Quotas for configuring and running an HTTP API" (10 MB, 30 seconds) and
"Configure CORS for HTTP APIs". An integration that is late is answered 503, one that fails 500 (public threads).
"""

from __future__ import annotations

import asyncio
import contextvars
import json
from typing import Any

from emulator import ministack
from emulator.functions.invocations import SYNCHRONOUS_BYTES

PAYLOAD_BYTES = 10 * 1024 * 1024
LONGEST_SECONDS = 30.0
_WORDS = {413: "Request Entity Too Large", 500: "Internal Server Error", 503: "Service Unavailable"}
_STATUS = "apiGatewayStatus"
"""The member of a result that says what API Gateway answers."""
_BODY = 5
"""Where the body stands among the arguments: API, stage, path, method, headers, body."""
_seconds: contextvars.ContextVar[float] = contextvars.ContextVar("integration timeout", default=LONGEST_SECONDS)


def message(status: int) -> dict[str, Any]:
    """Return API Gateway's own answer with this status, in the form of a function's."""
    headers = {"Content-Type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": json.dumps({"message": _WORDS[status]})}


async def within(call: Any, *arguments: Any, **named: Any) -> Any:
    """Invoke a function for an API; what is late or too large for Lambda is a result that says so."""
    events = [each for each in arguments if isinstance(each, dict) and "requestContext" in each]
    if any(_is_too_large(each) for each in events):
        return {"error": True, _STATUS: 413}
    try:
        return await asyncio.wait_for(call(*arguments, **named), _seconds.get())
    except TimeoutError:
        return {"error": True, _STATUS: 503}


def _is_too_large(event: dict[str, Any]) -> bool:
    """Whether Lambda refuses the event; most are measured by their body alone, because the rest is small."""
    return len(event.get("body") or "") > SYNCHRONOUS_BYTES // 2 and len(json.dumps(event).encode()) > SYNCHRONOUS_BYTES


def install() -> None:
    """Take MiniStack's places."""
    execute, proxy = ministack.APIGATEWAY_EXECUTE.value, ministack.APIGATEWAY_PROXY.value
    convert, preflight = ministack.LAMBDA_AS_ANSWER.value, ministack.APIGATEWAY_PREFLIGHT.value

    async def executed(*request: Any, **named: Any) -> Any:
        if len(request[_BODY] or b"") > PAYLOAD_BYTES:
            told = message(413)
            return 413, dict(told["headers"]), told["body"].encode()
        return await execute(*request, **named)

    async def proxied(integration: dict[str, Any], *arguments: Any, **named: Any) -> Any:
        token = _seconds.set(float(integration.get("timeoutInMillis") or LONGEST_SECONDS * 1000) / 1000)
        try:
            return await proxy(integration, *arguments, **named)
        finally:
            _seconds.reset(token)

    def answered(result: dict[str, Any]) -> Any:
        return (message(int(result.get(_STATUS, 500))), None) if result.get("error") else convert(result)

    def preflighted(configuration: dict[str, Any], origin: str) -> Any:
        status, headers, body = preflight(configuration, origin)
        if status != 403:  # noqa: PLR2004 - MiniStack's refusal, which AWS does not know
            return status, headers, body
        if configuration:
            return 204, {}, b""  # without CORS headers, so that the browser refuses
        return 404, {"Content-Type": "application/json"}, json.dumps({"message": "Not Found"}).encode()

    ministack.APIGATEWAY_EXECUTE.replace(executed)
    ministack.APIGATEWAY_PROXY.replace(proxied)
    ministack.LAMBDA_AS_ANSWER.replace(answered)
    ministack.APIGATEWAY_PREFLIGHT.replace(preflighted)
