"""The service models that botocore carries: which services are checked, and their operations."""

from __future__ import annotations

import functools
from typing import Any

import botocore.session
from botocore.model import ServiceModel

from emulator.gates.moto_parsers import service_model

SERVICES = {
    "acm": "acm",
    "apigatewayv2": "apigateway",
    "application-autoscaling": "application-autoscaling",
    "arc-region-switch": "arc-region-switch",
    "backup": "backup",
    "cloudformation": "cloudformation",
    "cloudwatch": "monitoring",
    "dynamodb": "dynamodb",
    "dynamodbstreams": "dynamodb",
    "ec2": "ec2",
    "ecr": "ecr",
    "events": "events",
    "fis": "fis",
    "iam": "iam",
    "kms": "kms",
    "lambda": "lambda",
    "logs": "logs",
    "rds": "rds",
    "route53": "route53",
    "s3": "s3",
    "scheduler": "scheduler",
    "secretsmanager": "secretsmanager",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "sts": "sts",
    "synthetics": "synthetics",
}
"""The services that are checked: botocore's name, and the name that their requests are signed for.

The models say the same. It is written here because reading all of them takes seconds, and only some are ever needed.
"""


class UnknownOperationError(ValueError):
    """The request names no operation of its service; the message is what it names."""


@functools.cache
def model(service: str) -> Any:
    """A service's model."""
    return ServiceModel(_read(service), service)


@functools.cache
def model_for_parsers(service: str) -> Any:
    """The same as moto's parsers want it."""
    return service_model(_read(service), service)


def operation(service: str, name: str, *, for_parsers: bool = False) -> Any:
    """An operation's model; raises `UnknownOperationError` where the service has none of that name."""
    known = model_for_parsers(service) if for_parsers else model(service)
    if name not in known.operation_names:
        raise UnknownOperationError(name)
    return _operation(service, name, for_parsers=for_parsers)


def signed_for(signing_name: str) -> list[str]:
    """The services whose requests are signed for `signing_name`: none where it is not checked."""
    return _by_signing_name().get(signing_name, [])


@functools.cache
def _by_signing_name() -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for service, signing_name in SERVICES.items():
        named.setdefault(signing_name, []).append(service)
    return named


@functools.cache
def _operation(service: str, name: str, *, for_parsers: bool) -> Any:
    return (model_for_parsers(service) if for_parsers else model(service)).operation_model(name)


@functools.cache
def _read(service: str) -> Any:
    return _loader().load_service_model(service, "service-2")


@functools.cache
def _loader() -> Any:
    return botocore.session.get_session().get_component("data_loader")
