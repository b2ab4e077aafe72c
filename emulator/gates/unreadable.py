"""What AWS answers to a request that names no operation of its service, or whose body cannot be read.

Each function returns an error's code, its message and the HTTP status. The codes are those of Smithy's protocol
documents ("AWS JSON 1.0 and 1.1", "AWS restJson1", "Smithy RPC v2 CBOR": 400 for what is not serialized as the
operation asks, and `UnknownOperationException`), of the query services' "Common Errors" (`InvalidAction`,
`MissingAction`, `MalformedQueryString`), of Amazon S3's list of error codes (`MalformedXML`, `MethodNotAllowed`) and of
Lambda's and API Gateway's references (`InvalidRequestContentException`, `BadRequestException`).
"""

from __future__ import annotations

_QUERY = frozenset({"query", "ec2"})
_BODY_OF = {
    "lambda": ("InvalidRequestContentException", "Could not parse request body into json"),
    "apigatewayv2": ("BadRequestException", "Invalid request input"),
    "s3": ("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"),
    "route53": ("InvalidInput", "The XML that was sent could not be parsed"),
}
"""Services that have an error of their own for a body that cannot be read."""

Refusal = tuple[str, str, int]


def operation(service: str, protocol: str, named: str) -> Refusal:
    """Refuse an operation, a target, or a method and path that the service does not have."""
    if protocol in _QUERY:
        if not named:
            return "MissingAction", "The request must contain the parameter Action", 400
        return "InvalidAction", f"The action {named} is not valid for this web service.", 400
    if service == "s3":
        return "MethodNotAllowed", "The specified method is not allowed against this resource.", 405
    status = 400 if protocol == "json" else 404
    return "UnknownOperationException", f"The operation {named} is not known to {service}", status


def body(service: str, protocol: str) -> Refusal:
    """Refuse a body that is not what the protocol asks for."""
    if protocol in _QUERY:
        return "MalformedQueryString", "The query string contains a syntax error", 404
    code, message = _BODY_OF.get(service, ("SerializationException", "The request's body could not be read"))
    return code, message, 400
