"""What a request asks for: its Region, its service, its operation."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

from emulator import ministack
from emulator.faults import control_planes
from emulator.faults.call_log import operation_of

_API = "emulator.api"


def asked(scope: Any, body: bytes) -> tuple[str, str]:
    """The service and the operation that a request asks for."""
    headers, query = headers_of(scope), parse_qs(scope.get("query_string", b"").decode(), keep_blank_values=True)
    service = "execute-api" if is_api(scope) else _service_of(headers, query)
    return service, operation_of(scope["method"], scope["path"], headers, query, body)


async def answer(send: Any, status: int, body: object) -> None:
    """Answer a request to the control in JSON."""
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


async def read(receive: Any) -> tuple[bytes, Any]:
    """Read a request's body; return it, and what receives it again."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    again = iter(messages)

    async def replay() -> Any:
        return next(again, None) or await receive()

    return b"".join(each.get("body", b"") for each in messages), replay


def headers_of(scope: Any) -> dict[str, str]:
    """Return a request's headers by their names in lower case."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope.get("headers", [])}


def _service_of(headers: dict[str, str], query: dict[str, list[str]]) -> str:
    """The service that the request is signed for; empty for one that is not signed."""
    credential = headers.get("authorization", "") + (query.get("X-Amz-Credential") or [""])[0]
    return credential.partition("/aws4_request")[0].rpartition("/")[2]


def is_api(scope: Any) -> bool:
    """Whether the request is one to an API of API Gateway, rather than to AWS."""
    return _api_of(scope) is not None


def _api_of(scope: Any) -> str | None:
    """The API that a request is for, by its own host name or by a custom domain; None for a request to AWS.

    It is looked up once for each request, whose scope keeps it: four layers ask.
    """
    if _API not in scope:
        host, path = headers_of(scope).get("host", ""), scope["path"]
        api = ministack.APP_PARSE_API_URL.value(host, path) or ministack.APP_CUSTOM_DOMAIN.value(host, path)
        scope[_API] = str(api[0]) if api else None
    api_id: str | None = scope[_API]
    return api_id


def region_of(scope: Any) -> str | None:
    """Whose request it is: by signature, by bucket, by API, by function URL; None for what belongs to no Region."""
    headers = headers_of(scope)
    query = parse_qs(scope.get("query_string", b"").decode(), keep_blank_values=True)
    path, host = scope["path"], headers.get("host", "")
    api = _api_of(scope)
    ministack.RESPONSES_SET_ACCOUNT.value("")
    if api:
        account_and_region = ministack.APIGATEWAY_SCOPE_OF.value(api)
        return str(account_and_region[1]) if account_and_region else None
    url = ministack.APP_PARSE_FUNCTION_URL.value(host, path)
    if url:
        resolved = ministack.LAMBDA_FUNCTION_URL.value(url[0])
        return str(resolved[1]) if resolved else None
    region = ministack.ROUTER_SIGNED_REGION.value(headers, query)
    service = _service_of(headers, query)
    bucket, _, object_key = _bucket_and_key(host, path) if service == "s3" else ("", "", "")
    if control_planes.is_global(
        service,
        method=scope["method"],
        operation=headers.get("x-amz-target", "").rpartition(".")[2] or path.rpartition("/")[2],
        bucket_only=bool(bucket) and not object_key,
        query=frozenset(query),
    ):
        return control_planes.GLOBAL_REGION
    if service in control_planes.EVERY_WRITE:
        return None
    for (_, name), value in ministack.everywhere(ministack.S3_BUCKETS.value).items():
        if bucket and name == bucket:
            return str(value.get("region") or region)
    return str(region) if region else None


def _bucket_and_key(host: str, path: str) -> tuple[str, str, str]:
    bucket = ministack.APP_BUCKET_OF_HOST.value(host)
    return (bucket, "/", path.lstrip("/")) if bucket else path.lstrip("/").partition("/")
