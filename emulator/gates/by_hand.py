"""What AWS refuses of requests although its models allow it, each with the document that says so.

A complaint is an error's code and its message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from emulator.gates import capacity, expressions, names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emulator.gates.requests import HttpRequest, Request

    Complaint = tuple[str, str]
    Judge = Callable[[Mapping[str, Any]], Complaint | None]

VERSION_2 = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
"""Amazon S3 refuses Signature Version 2 of buckets made after 24 June 2020, and always where a key of KMS encrypts."""

_PARAMETER_BYTES = 4096
_TOO_LONG = (
    "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter "
    "value, upgrade the parameter to use the advanced-parameter tier. For more information, see "
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"
)
_MESSAGE_BYTES = 262_144


def is_signed_with_version_2(request: HttpRequest) -> bool:
    """Whether a request to S3 carries a signature of the second version, in its query or its header."""
    if request.headers.get("authorization", "").startswith("AWS "):
        return True
    return request.service == "s3" and {"AWSAccessKeyId", "Signature"} <= parse_qs(request.query).keys()


def of_request(request: Request) -> Complaint | None:
    """What AWS refuses of a request that its model allows."""
    judge = _JUDGES.get((request.service, request.operation.name))
    return judge(request.parameters) if judge else None


def _named(code: str, member: str, rule: Callable[[str], str | None]) -> Judge:
    def judge(parameters: Mapping[str, Any]) -> Complaint | None:
        name = parameters.get(member)
        message = rule(name) if isinstance(name, str) else None
        return (code, message) if message else None

    return judge


def _rds(member: str) -> Judge:
    return _named("InvalidParameterValue", member, lambda name: names.rds_identifier(member, name))


def _put_parameter(parameters: Mapping[str, Any]) -> Complaint | None:
    """AWS Systems Manager API Reference, PutParameter, "Value": 4 KB in the standard tier."""
    standard = parameters.get("Tier", "Standard") == "Standard"
    if standard and len(str(parameters.get("Value", "")).encode()) > _PARAMETER_BYTES:
        return ("ValidationException", _TOO_LONG)
    return None


def _publish(parameters: Mapping[str, Any]) -> Complaint | None:
    """Amazon SNS API Reference, Publish, "Message": 262,144 bytes, with its attributes."""
    return ("InvalidParameter", "Invalid parameter: Message too long") if _size(parameters) > _MESSAGE_BYTES else None


def _size(message: Mapping[str, Any]) -> int:
    """The bytes of a message and its attributes."""
    attributes = message.get("MessageAttributes") or {}
    size = len(str(message.get("Message", "")).encode())
    for name, value in attributes.items():
        held = value.get("StringValue") or value.get("BinaryValue") or ""
        size += len(name) + len(value.get("DataType", "")) + len(held.encode() if isinstance(held, str) else held)
    return size


def _publish_batch(parameters: Mapping[str, Any]) -> Complaint | None:
    """Amazon SNS API Reference, PublishBatch: 262,144 bytes of all messages together, and ids that differ."""
    entries = [each for each in parameters.get("PublishBatchRequestEntries") or () if isinstance(each, dict)]
    if sum(_size(each) for each in entries) > _MESSAGE_BYTES:
        return "BatchRequestTooLong", "The length of all the messages put together is more than the limit."
    if len({each.get("Id") for each in entries}) < len(entries):
        return "BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id."
    return None


def _capacity(parameters: Mapping[str, Any]) -> Complaint | None:
    message = capacity.refused(parameters)
    return ("InvalidParameterValue", message) if message else None


def _expression(parameters: Mapping[str, Any]) -> Complaint | None:
    message = expressions.refused(parameters)
    return ("ValidationException", message) if message else None


def _create_cluster(parameters: Mapping[str, Any]) -> Complaint | None:
    database = _named("InvalidParameterValue", "DatabaseName", names.database)
    user = _named("InvalidParameterValue", "MasterUsername", names.master_user)
    return _rds("DBClusterIdentifier")(parameters) or database(parameters) or user(parameters) or _capacity(parameters)


_JUDGES: Mapping[tuple[str, str], Judge] = {
    ("s3", "CreateBucket"): _named("InvalidBucketName", "Bucket", names.bucket),
    ("sns", "CreateTopic"): _named("InvalidParameter", "Name", names.topic),
    ("sns", "Publish"): _publish,
    ("sns", "PublishBatch"): _publish_batch,
    ("ssm", "PutParameter"): _put_parameter,
    ("acm", "RequestCertificate"): _named("InvalidParameterException", "DomainName", names.certificate),
    ("route53", "CreateHostedZone"): _named("InvalidDomainName", "Name", names.zone),
    ("rds", "CreateDBCluster"): _create_cluster,
    ("rds", "ModifyDBCluster"): _capacity,
    **{("dynamodb", name): _expression for name in expressions.OPERATIONS},
    ("rds", "CreateDBInstance"): _rds("DBInstanceIdentifier"),
    ("rds", "CreateGlobalCluster"): _rds("GlobalClusterIdentifier"),
    ("apigatewayv2", "CreateStage"): _named("BadRequestException", "StageName", names.api_stage),
}
