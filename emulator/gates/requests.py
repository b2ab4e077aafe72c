"""An HTTP request as the operation and the parameters that it asks for.

AWS JSON is read as it is written; the query, EC2 and REST protocols by moto's parsers; RPC over CBOR by botocore's.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from botocore.parsers import RpcV2CBORParser
from botocore.utils import parse_timestamp

from emulator.gates.models import model, operation, signed_for
from emulator.gates.moto_parsers import Values, headers, parsed
from emulator.gates.routes import route_of

_CBOR_PATH = re.compile(r"/service/(?P<service>[^/]+)/operation/(?P<operation>[^/]+)$")
_FORM = "application/x-www-form-urlencoded"


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


def parse(request: HttpRequest) -> Request | None:
    """What `request` asks for, None where it is for a service that is not checked.

    Raises `UnknownOperationError` for an operation that the model has not, and any error for a body that is none.
    """
    services = signed_for(request.service)
    if not services:
        return None
    prefix, _, name = request.headers.get("x-amz-target", "").rpartition(".")
    if rpc := _CBOR_PATH.search(request.path):
        service = _of_prefix(services, rpc["service"])
        return service and _made(service, rpc["operation"], "cbor", _of_cbor(request.body))
    if prefix:
        service = _of_prefix(services, prefix)
        return service and _made(service, name, "json", _of_json(request.body))
    service = services[0]
    if service == "apigatewayv2" and not request.path.startswith("/v2/"):
        return None  # signed alike, but of the first version's API
    if request.headers.get("content-type", "").startswith(_FORM) or model(service).protocol in ("query", "ec2"):
        return _of_form(request, service)
    return _of_rest(request, service)


def _of_prefix(services: list[str], prefix: str) -> Any:
    """The service of those that names its operations under `prefix`; None where none does."""
    return next((each for each in services if model(each).metadata.get("targetPrefix") == prefix), None)


def _made(service: str, name: str, protocol: str, parameters: dict[str, Any]) -> Request:
    return Request(service=service, operation=operation(service, name), protocol=protocol, parameters=parameters)


def _of_json(body: bytes) -> dict[str, Any]:
    read = json.loads(body) if body else {}
    if not isinstance(read, dict):
        raise TypeError(f"a body of {type(read).__name__}: send an object")
    return read


def _of_cbor(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    parser: Any = RpcV2CBORParser(timestamp_parser=parse_timestamp)
    return dict(parser.parse_data_item(parser.get_peekable_stream_from_bytes(body)))


def _of_form(request: HttpRequest, service: str) -> Request:
    text = request.query if request.method == "GET" else request.body.decode()
    values = Values(parse_qsl(text, keep_blank_values=True))
    asked = operation(service, values.get("Action", ""), for_parsers=True)
    protocol = "ec2" if model(service).protocol == "ec2" else "query"
    parameters = parsed(protocol, asked, {"values": values})
    return Request(service=service, operation=asked, protocol=protocol, parameters=parameters)


def _of_rest(request: HttpRequest, service: str) -> Request:
    asked, labels = route_of(service, request.method, request.path, request.query, request.headers)
    shape = asked.input_shape
    payload = shape.serialization.get("payload", "") if shape is not None else ""
    # a body of bytes is the caller's, and is not looked at
    is_bytes = bool(payload) and shape.members[payload].type_name in ("blob", "string")
    protocol = model(service).protocol
    parts = {
        "body": b"" if is_bytes else request.body,
        "headers": headers(request.headers),
        "url_params": labels,
        "values": Values(parse_qsl(request.query, keep_blank_values=True)),
    }
    parameters = parsed(protocol, asked, parts)
    return Request(service=service, operation=asked, protocol=protocol, parameters=parameters)
