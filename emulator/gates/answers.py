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
    "backup": "InvalidParameterValueException",
    "sqs": "InvalidParameterValue",
}
"""Services whose validation error has another name than their protocol's usual one (their API references)."""

_TELL_MISSING = frozenset({"ec2", "rds", "sqs"})


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP answer."""

    content_type: str
    body: bytes
    status: int = 400
    headers: tuple[tuple[str, str], ...] = ()


def refusal(service: str, protocol: str, message: str, *, code: str = VALIDATION, status: int = 400) -> Answer:
    """Refuse a request, by default with status 400 and the service's validation error."""
    code = code or _OF_SERVICES.get(service) or ("ValidationException" if protocol in _JSON else "ValidationError")
    request_id = str(uuid.uuid4())
    headers: tuple[tuple[str, str], ...] = (("x-amzn-requestid", request_id),)
    match protocol:
        case "json":
            kind, body = "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message}).encode()
        case "rest-json":
            kind, body = "application/json", json.dumps({"message": message}).encode()
            headers = (*headers, ("x-amzn-errortype", code))
        case "cbor":
            kind, body = "application/cbor", _cbor({"__type": code, "message": message})
            headers = (*headers, ("smithy-protocol", "rpc-v2-cbor"))
        case _:
            kind, body = "text/xml", _xml(service, protocol, (code, message), request_id)
    return Answer(content_type=kind, body=body, status=status, headers=headers)


def missing(service: str, members: list[str]) -> tuple[str, str] | None:
    """The code and message of the services that tell a missing parameter from a wrong one; None of the others.

    Amazon EC2, RDS and SQS, "Common Errors": MissingParameter; the wording is that of public logs.
    """
    if service not in _TELL_MISSING or not members:
        return None
    return "MissingParameter", f"The request must contain the parameter {members[0]}"


def _xml(service: str, protocol: str, complaint: tuple[str, str], request_id: str) -> bytes:
    code, message = complaint
    error = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    if protocol == "ec2":
        text = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
    elif service == "s3":
        text = f"<Error>{error}<RequestId>{request_id}</RequestId></Error>"
    else:
        error = f"<Error><Type>Sender</Type>{error}</Error>"
        text = f"<ErrorResponse>{error}<RequestId>{request_id}</RequestId></ErrorResponse>"
    return text.encode()


def _cbor(fields: dict[str, str]) -> bytes:
    serializer: Any = RpcV2CBORSerializer()
    body = bytearray([0xA0 + len(fields)])  # a map of so many pairs
    for text in [each for pair in fields.items() for each in pair]:
        serializer._serialize_type_string(body, text, None, None)
    return bytes(body)
