"""A refusal in the protocol that the client speaks."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from botocore.serialize import RpcV2CBORSerializer

VALIDATION = ""
"""The code of a service's own validation error, whatever it is called."""

_JSON = frozenset({"json", "rest-json", "cbor"})
_OF_SERVICES = {
    "route53": "InvalidInput",
    "logs": "InvalidParameterException",
    "ecr": "InvalidParameterException",
    "ec2": "InvalidParameterValue",
    "s3": "InvalidArgument",
    "apigatewayv2": "BadRequestException",
    "rds": "InvalidParameterValue",
    "sns": "InvalidParameter",
}
"""Services whose validation error has another name than their protocol's usual one (their API references)."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP answer."""

    content_type: str
    body: bytes
    status: int = 400
    headers: tuple[tuple[str, str], ...] = ()


def refusal(service: str, protocol: str, message: str, *, code: str = VALIDATION) -> Answer:
    """Refuse a request with status 400, by default with the service's validation error."""
    code = code or _OF_SERVICES.get(service) or ("ValidationException" if protocol in _JSON else "ValidationError")
    request_id = str(uuid.uuid4())
    told = (("x-amzn-requestid", request_id),)
    match protocol:
        case "json":
            return Answer(
                content_type="application/x-amz-json-1.1",
                body=json.dumps({"__type": code, "message": message}).encode(),
                headers=told,
            )
        case "rest-json":
            return Answer(
                content_type="application/json",
                body=json.dumps({"message": message}).encode(),
                headers=(*told, ("x-amzn-errortype", code)),
            )
        case "cbor":
            return Answer(
                content_type="application/cbor",
                body=_cbor({"__type": code, "message": message}),
                headers=(*told, ("smithy-protocol", "rpc-v2-cbor")),
            )
    error = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    if protocol == "ec2":
        text = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
    elif service == "s3":
        text = f"<Error>{error}<RequestId>{request_id}</RequestId></Error>"
    else:
        error = f"<Error><Type>Sender</Type>{error}</Error>"
        text = f"<ErrorResponse>{error}<RequestId>{request_id}</RequestId></ErrorResponse>"
    return Answer(content_type="text/xml", body=text.encode(), headers=told)


def _cbor(fields: dict[str, str]) -> bytes:
    serializer: Any = RpcV2CBORSerializer()
    body = bytearray([0xA0 + len(fields)])  # a map of so many pairs
    for text in [each for pair in fields.items() for each in pair]:
        serializer._serialize_type_string(body, text, None, None)
    return bytes(body)
