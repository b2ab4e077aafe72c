"""CloudFormation properties turned into the API call that the real resource provider would make."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator.iam.authorization import ROOT_SECRET
from emulator.ministack import get_account_id, get_region

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ENDPOINT = ""


def configure(endpoint: str) -> None:
    """Set the embedded AWS's own endpoint, before the first call."""
    global _ENDPOINT  # noqa: PLW0603 - one server, one endpoint, set once at its start
    _ENDPOINT = endpoint


def api(service: str, region: str | None = None) -> Any:
    """A client of the embedded AWS in `region`, by default the one whose request is being served."""
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=_ENDPOINT,
        region_name=region or get_region(),
        aws_access_key_id=get_account_id(),
        aws_secret_access_key=ROOT_SECRET,
        config=Config(retries={"max_attempts": 1}),
    )


def call(client: Any, operation: str, properties: Mapping[str, Any], **more: Any) -> Any:
    """Call `operation` with those properties that its input shape knows, as the types that it wants."""
    name = client.meta.method_to_api_mapping[operation]
    shape = client.meta.service_model.operation_model(name).input_shape
    known = {key: properties[key] for key in properties if key in shape.members and key not in more}
    return getattr(client, operation)(**_coerce(shape, {**known, **more}))


def decapitalized(shape: Any, value: Any) -> Any:
    """A value of CloudFormation's for an API whose members begin in lower case; keys of maps stay as they are."""
    if shape.type_name == "structure" and isinstance(value, dict):
        named = {key[:1].lower() + key[1:]: key for key in value}
        return {
            key: decapitalized(shape.members[key], value[own]) for key, own in named.items() if key in shape.members
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [decapitalized(shape.member, each) for each in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {key: decapitalized(shape.value, each) for key, each in value.items()}
    return _coerce(shape, value)


def ignoring_errors(function: Callable[..., Any], *arguments: Any, **named: Any) -> None:
    """Call a deletion whose target may be gone already."""
    try:
        function(*arguments, **named)
    except ClientError:
        return


def _coerce(shape: Any, value: Any) -> Any:  # noqa: PLR0911 - one return per type
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        if "TagKey" in shape.members and "Key" in value:  # KMS names a tag's parts differently from CloudFormation
            value = {"TagKey": value["Key"], "TagValue": value["Value"]}
        return {key: _coerce(shape.members[key], value[key]) for key in value if key in shape.members}
    if kind == "list" and isinstance(value, list):
        return [_coerce(shape.member, each) for each in value]
    if kind == "boolean" and not isinstance(value, bool):
        return str(value).lower() == "true"
    if kind in ("integer", "long"):
        return int(value)
    if kind in ("float", "double"):
        return float(value)
    if kind == "string" and not isinstance(value, str):
        return json.dumps(value) if isinstance(value, dict | list) else str(value)
    return value
