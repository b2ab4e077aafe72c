"""Which changes of a resource replace it, and which of those CloudFormation refuses.

The User Guide's "Update behaviors of stack resources": a create-only property replaces its resource, and a resource
that the template names cannot be replaced under that name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.gates.schemas import any_schema_of, listed, values_at

if TYPE_CHECKING:
    from collections.abc import Mapping

_REFUSAL = (
    "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
    "Rename {name} and update the stack again."
)
NAMED_ELSEWHERE = {
    "AWS::Events::Rule": ("Name",),
    "AWS::SNS::Topic": ("TopicName",),
    "AWS::SQS::Queue": ("QueueName",),
    "AWS::SecretsManager::Secret": ("Name",),
}
"""Types whose identifier is an ARN, and the property that holds the name within it."""

CONDITIONAL = {
    "AWS::DynamoDB::GlobalTable": ("KeySchema", "LocalSecondaryIndexes"),
    "AWS::Events::Rule": ("EventBusName",),
    "AWS::RDS::DBCluster": ("AvailabilityZones", "MasterUsername"),
}
"""Of the properties that a schema calls create-only under conditions, those whose every change replaces (the resource
references' "Update requires: Replacement"). The others change in place here."""


def replacing(resource_type: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str] | None:
    """The changed properties that replace the resource; None where the type has no schema."""
    schema = any_schema_of(resource_type)
    if schema is None:
        return None
    paths = listed(schema, "createOnlyProperties") + [(name,) for name in CONDITIONAL.get(resource_type, ())]
    return ["/".join(path) for path in paths if list(values_at(before, path)) != list(values_at(after, path))]


def recreation(resource_type: str, name: str) -> str | None:
    """What a change set says of a property's change: Always, Conditionally or Never; None where nothing says."""
    schema = any_schema_of(resource_type)
    if schema is None:
        return None
    if (name,) in listed(schema, "createOnlyProperties") or name in CONDITIONAL.get(resource_type, ()):
        return "Always"
    partly = listed(schema, "conditionalCreateOnlyProperties") + listed(schema, "createOnlyProperties")
    return "Conditionally" if any(path[0] == name for path in partly) else "Never"


def refused_change(resource_type: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What CloudFormation says of a change that it refuses, empty for one that it makes."""
    schema = any_schema_of(resource_type)
    if schema is None or schema.get("replacementStrategy") == "delete_then_create":
        return ""
    if not replacing(resource_type, before, after):
        return ""
    name = _kept_name(resource_type, schema, before, after)
    return _REFUSAL.format(name=name) if name else ""


def _kept_name(
    resource_type: str, schema: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> str:
    """The name that the template gives and keeps, empty where there is none: a generated name is free to change."""
    read_only = listed(schema, "readOnlyProperties")
    paths = [(name,) for name in NAMED_ELSEWHERE.get(resource_type, ())] or listed(schema, "primaryIdentifier")
    if not paths or any(path in read_only for path in paths):
        return ""
    values = [list(values_at(before, path)) for path in paths]
    if any(not value for value in values) or values != [list(values_at(after, path)) for path in paths]:
        return ""
    return "|".join(str(value[0]) for value in values)
