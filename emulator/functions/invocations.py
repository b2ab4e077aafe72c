"""What Lambda says of an invocation that took too long or holds too much, and how a new environment starts.

Sources: Lambda Developer Guide, "Troubleshoot invocation issues" (Sandbox.Timedout), "Lambda quotas" (6 MB for
requests and answers, 1 MB for asynchronous events) and "Lambda execution environment lifecycle" (cold starts).
"""

from __future__ import annotations

import json
import re
import time
from typing import Any

from emulator import ministack
from emulator.functions.destinations import moment

SYNCHRONOUS_BYTES = 6 * 1024 * 1024
ASYNCHRONOUS_BYTES = 1024 * 1024
ANSWER_BYTES = SYNCHRONOUS_BYTES + 100
"""AWS's own message names 100 bytes more than the six megabytes of its quota."""
_TIMED_OUT = re.compile(r"Task timed out after \d+\.\d\d seconds")
_INVOCATION = re.compile(r"/\d{4}-\d\d-\d\d/functions/[^/]+/invocations")


def refusal(kind: str, length: int) -> str | None:
    """Why Lambda does not take an event of `length` bytes; None where it does. `kind` is the invocation type."""
    limit = ASYNCHRONOUS_BYTES if kind == "Event" else SYNCHRONOUS_BYTES
    if length <= limit:
        return None
    return f"{length} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"


def as_lambda_tells(result: dict[str, Any], request: str) -> dict[str, Any]:
    """The result of an invocation in Lambda's words: timeouts, errors by their own type, and answers too large."""
    body = result.get("body")
    if not result.get("error"):
        length = len(json.dumps(body).encode())
        if length <= ANSWER_BYTES:
            return result
        message = (
            f"Response payload size ({length} bytes) exceeded maximum allowed payload size ({ANSWER_BYTES} bytes)."
        )
        told = {"errorType": "Function.ResponseSizeTooLarge", "errorMessage": message}
        return {"body": told, "error": True, "function_error": "Unhandled", "log": result.get("log", "")}
    message = str(body.get("errorMessage", "")) if isinstance(body, dict) else ""
    log = str(result.get("log", ""))
    if _TIMED_OUT.fullmatch(message):
        line = f"{moment(time.time())} {request} {message}\n"
        told = {"errorType": "Sandbox.Timedout", "errorMessage": f"RequestId: {request} Error: {message}"}
        return {**result, "body": told, "log": f"{log.removesuffix(message)}{line}"}
    name = _type_in(log)
    if name is None or not isinstance(body, dict):
        return result
    return {**result, "body": {**body, "errorType": name, "requestId": request}}


def _type_in(log: str) -> str | None:
    """The name of the exception that a traceback ends with; None without a traceback."""
    _, found, trace = log.rpartition("Traceback (most recent call last):")
    last = [line for line in trace.splitlines() if line and not line.startswith(" ")] if found else []
    name = last[-1].partition(":")[0].rpartition(".")[2] if last else ""
    return name if name.isidentifier() else None


def install() -> None:
    """Stand in front of MiniStack's API and behind its warm environments."""
    warm, handle = ministack.LAMBDA_WARM.value, ministack.LAMBDA_HANDLE.value

    def execute(function: Any, event: Any, request: str) -> Any:
        result = warm(function, event, request)
        return result if result.get("throttle") else as_lambda_tells(result, request)

    async def answer(method: str, path: str, headers: Any, body: bytes, *arguments: Any, **named: Any) -> Any:
        if method == "POST" and _INVOCATION.fullmatch(path):
            lowered = {name.lower(): value for name, value in headers.items()}
            why = refusal(lowered.get("x-amz-invocation-type", "RequestResponse"), len(body))
            if why:
                return ministack.RESPONSES_JSON_ERROR.value("RequestEntityTooLargeException", why, 413)
        return await handle(method, path, headers, body, *arguments, **named)

    ministack.LAMBDA_WARM.replace(execute)
    ministack.LAMBDA_HANDLE.replace(answer)
