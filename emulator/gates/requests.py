"""An HTTP request as the operation and the parameters that it asks for.

AWS JSON is read as it is written; the query, EC2 and REST protocols by moto's parsers; RPC over CBOR by botocore's.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from botocore.parsers import RpcV2CBORParser
from botocore.utils import parse_timestamp

from emulator.gates.models import UnknownOperationError, model, operation, signed_for
from emulator.gates.moto_parsers import Values, headers, parsed
from emulator.gates.routes import route_of

_CBOR_PATH = re.compile(r"/service/(?P<service>[^/]+)/operation/(?P<operation>[^/]+)$")
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/x-amz-json-1."
_FUNCTION_URL = ".lambda-url."
_GZIP = 16 + zlib.MAX_WBITS  # zlib's way to ask for gzip's header and checksum


@dataclass(frozen=True, kw_only=True)
class HttpRequest:
    """One HTTP request. `path` and `query` are as they came, percent-encoded; `headers` have names in lower case.

    `service` is the one that the request is signed for.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    service: str


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for. `protocol` is what the client speaks, of those that its service understands."""

    service: str
    operation: Any
    protocol: str
    parameters: dict[str, Any]


def spoken(request: HttpRequest) -> tuple[str, str]:
    """The service that is asked and the protocol that the client speaks; empty where the request is not checked.

    A request that is signed for several services and names none of them is taken for one to the first.
    """
    services = signed_for(request.service)
    if not services or (request.service == "lambda" and _FUNCTION_URL in request.headers.get("host", "")):
        return "", ""  # a function's URL is signed for Lambda too, and what its path means is the function's business
    if rpc := _CBOR_PATH.search(request.path):
        return _of_prefix(services, rpc["service"]) or services[0], "cbor"
    if prefix := request.headers.get("x-amz-target", "").rpartition(".")[0]:
        return _of_prefix(services, prefix) or services[0], "json"
    service = services[0]
    if service == "apigatewayv2" and not request.path.startswith("/v2/"):
        return "", ""  # signed alike, but of the first version's API
    protocol = str(model(service).protocol)
    if (
        protocol != "ec2"
        and not protocol.startswith("rest-")
        and request.headers.get("content-type", "").startswith(_FORM)
    ):
        protocol = "query"
    return service, "cbor" if protocol == "smithy-rpc-v2-cbor" else protocol


def parse(request: HttpRequest) -> Request | None:
    """What `request` asks for, None where it is for a service that is not checked.

    Raises `UnknownOperationError` for an operation that the model has not, and any error for a body that is none.
    """
    service, protocol = spoken(request)
    if not service:
        return None
    match protocol:
        case "cbor":
            rpc = _CBOR_PATH.search(request.path)
            name, read = _named(service, rpc["service"], rpc["operation"]) if rpc else "", _of_cbor
        case "json":
            prefix, _, target = request.headers.get("x-amz-target", "").rpartition(".")
            # AWS takes JSON of another type for no operation of its own
            is_json = request.headers.get("content-type", "").startswith(_JSON)
            name, read = _named(service, prefix, target) if is_json else "", _of_json
        case "query" | "ec2":
            return _of_form(request, service, protocol)
        case _:
            return _of_rest(request, service)
    asked = operation(service, name)
    return Request(service=service, operation=asked, protocol=protocol, parameters=read(inflated(request)))


def inflated(request: HttpRequest) -> bytes:
    """The body as it was before the client compressed it, which SDKs do with large ones; raises `zlib.error`."""
    if request.body and request.headers.get("content-encoding", "").lower() == "gzip":
        return zlib.decompress(request.body, wbits=_GZIP)
    return request.body


def _named(service: str, prefix: str, name: str) -> str:
    """The operation's name, where it stands under the service's own prefix."""
    if model(service).metadata.get("targetPrefix") != prefix:
        raise UnknownOperationError(f"{prefix}.{name}")
    return name


def _of_prefix(services: list[str], prefix: str) -> Any:
    """The service of those that names its operations under `prefix`; None where none does."""
    return next((each for each in services if model(each).metadata.get("targetPrefix") == prefix), None)


def _of_json(body: bytes) -> dict[str, Any]:
    read = json.loads(body) if body else {}
    if not isinstance(read, dict):
        raise TypeError(f"a body of {type(read).__name__}: send an object")
    return read


def _of_cbor(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    parser: Any = RpcV2CBORParser(timestamp_parser=parse_timestamp)
    stream = parser.get_peekable_stream_from_bytes(body)
    read = parser.parse_data_item(stream)
    if not isinstance(read, dict) or stream.read():
        raise TypeError(f"a body of {type(read).__name__}: send one map")
    return read


def _of_form(request: HttpRequest, service: str, protocol: str) -> Request:
    text = request.query if request.method == "GET" else inflated(request).decode()
    values = Values(parse_qsl(text, keep_blank_values=True))
    asked = operation(service, values.get("Action", ""), for_parsers=True)
    parameters = parsed(protocol, asked, {"values": values})
    return Request(service=service, operation=asked, protocol=protocol, parameters=parameters)


def _of_rest(request: HttpRequest, service: str) -> Request:
    asked, labels = route_of(service, request.method, request.path, request.query, request.headers)
    shape = asked.input_shape
    payload = shape.serialization.get("payload", "") if shape is not None else ""
    # a body of bytes is the caller's, and is not looked at
    is_bytes = bool(payload) and shape.members[payload].type_name in ("blob", "string")
    protocol = model(service).protocol
    body = b"" if is_bytes else inflated(request)
    if protocol == "rest-json" and body.strip():
        _of_json(body)  # moto's parser takes what is no JSON for an empty body
    parts = {
        "body": body,
        "headers": headers(request.headers),
        "url_params": labels,
        "values": Values(parse_qsl(request.query, keep_blank_values=True)),
    }
    parameters = parsed(protocol, asked, parts)
    return Request(service=service, operation=asked, protocol=protocol, parameters=parameters)
