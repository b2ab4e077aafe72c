"""What CloudFormation refuses of a template before it makes anything: when a stack or a change set is asked for.

The User Guide's "Template anatomy" and "Resource attribute reference" say what may stand where; the wording is that of
public logs. Sizes, counts, parameters' constraints, unknown types and mappings are MiniStack's own business: it
refuses them then too. What a property may hold is judged when its resource is made (`templates.py`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from emulator.gates.references import circle, conditions_of, references_of
from emulator.gates.schemas import any_schema_of, is_custom

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_SECTIONS = frozenset(
    {"AWSTemplateFormatVersion", "Conditions", "Description", "Hooks", "Mappings", "Metadata", "Outputs", "Parameters"}
) | {"Resources", "Rules", "Transform"}
_ATTRIBUTES = frozenset(
    {"Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata", "Properties", "Type"}
)
_POLICIES = {
    "DeletionPolicy": frozenset({"Delete", "Retain", "RetainExceptOnCreate", "Snapshot"}),
    "UpdateReplacePolicy": frozenset({"Delete", "Retain", "Snapshot"}),
}
_WITH_SNAPSHOTS = frozenset(
    {"AWS::DocDB::DBCluster", "AWS::EC2::Volume", "AWS::ElastiCache::CacheCluster", "AWS::Neptune::DBCluster"}
) | {"AWS::ElastiCache::ReplicationGroup", "AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::Redshift::Cluster"}
_FUNCTIONS = frozenset(
    {
        f"Fn::{name}"
        for name in ("And", "Base64", "Cidr", "Equals", "FindInMap", "GetAtt", "GetAZs", "If", "ImportValue")
    }
    | {f"Fn::{name}" for name in ("Join", "Not", "Or", "Select", "Split", "Sub", "Transform")}
)
_EXTENSIONS = "AWS::LanguageExtensions"
_LOGICAL_ID = re.compile(r"[A-Za-z0-9]+")
_FORMAT = "Template format error: "


def refused(template: Mapping[str, Any]) -> str:
    """What CloudFormation says of a template, empty for one that it takes."""
    return next((message for check in _CHECKS for message in check(template)), "")


def refused_parameters(template: Mapping[str, Any], given: Iterable[str]) -> str:
    """What CloudFormation says of parameters that are given and that the template does not have."""
    unknown = sorted(set(given) - set(template.get("Parameters") or {}))
    return f"Parameters: [{', '.join(unknown)}] do not exist in the template" if unknown else ""


def _sections(template: Mapping[str, Any]) -> Iterator[str]:
    unknown = sorted(set(template) - _SECTIONS)
    if unknown:
        yield f"Invalid template property or properties [{', '.join(unknown)}]"
    version = template.get("AWSTemplateFormatVersion", "2010-09-09")
    if str(version) != "2010-09-09":
        yield f"{_FORMAT}{version} is not a supported value for AWSTemplateFormatVersion."
    if not template.get("Resources"):
        yield f"{_FORMAT}At least one Resources member must be defined."


def _members(template: Mapping[str, Any]) -> Iterator[str]:
    for section, needed in (("Resources", "Type"), ("Parameters", "Type"), ("Outputs", "Value")):
        for name, member in (template.get(section) or {}).items():
            if not _LOGICAL_ID.fullmatch(str(name)):
                yield f"{_FORMAT}{section[:-1]} name {name} is non alphanumeric."
            if not isinstance(member, dict) or needed not in member:
                yield f"{_FORMAT}[/{section}/{name}] Every {section} object must contain a {needed} member."
    for name, resource in (template.get("Resources") or {}).items():
        unknown = sorted(set(resource) - _ATTRIBUTES - {"UpdatePolicy", "UpdateReplacePolicy"})
        if unknown:
            yield f"Invalid template resource property '{unknown[0]}' of {name}"
        yield from _policies(name, resource)


def _policies(name: str, resource: Mapping[str, Any]) -> Iterator[str]:
    for policy, known in _POLICIES.items():
        value = resource.get(policy)
        if isinstance(value, str) and value not in known:
            yield f"{_FORMAT}Unrecognized {policy} {value} for resource {name}"
        if value == "Snapshot" and resource["Type"] not in _WITH_SNAPSHOTS:
            yield f"Template error: resource type {resource['Type']} does not support {policy} Snapshot"


def _nulls(template: Mapping[str, Any]) -> Iterator[str]:
    for section in ("Resources", "Outputs", "Parameters", "Mappings", "Conditions"):
        for path in _null_paths(template.get(section) or {}, f"/{section}"):
            yield f"[{path}] 'null' values are not allowed in templates"


def _null_paths(value: Any, path: str) -> Iterator[str]:
    if value is None:
        yield path
    members: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    for key, inner in members:
        yield from _null_paths(inner, f"{path}/{key}")


def _functions(template: Mapping[str, Any]) -> Iterator[str]:
    if template.get("Transform"):
        return  # a macro may know more of them
    parts = [each.get("Properties") for each in (template.get("Resources") or {}).values()]
    for name in _keys([*parts, template.get("Outputs")]):
        if name.startswith("Fn::") and name not in _FUNCTIONS:
            supported = ", ".join(sorted(_FUNCTIONS))
            yield f"Template Error: Encountered unsupported function: {name} Supported functions are: [{supported}]"


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from map(str, value)
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _keys(inner)


def _references(template: Mapping[str, Any]) -> Iterator[str]:
    resources = template.get("Resources") or {}
    known = set(resources) | set(template.get("Parameters") or {})
    if not _expands(template):
        for section in ("Resources", "Outputs"):
            for member in (template.get(section) or {}).values():
                names = {reference for reference, _ in references_of(member) if not reference.startswith("AWS::")}
                depends = member.get("DependsOn") or []
                missing = (names - known) | ({depends} if isinstance(depends, str) else set(depends)) - set(resources)
                if missing:
                    unresolved = ", ".join(sorted(missing))
                    what = f"Unresolved resource dependencies [{unresolved}] in the {section} block of the template"
                    yield f"{_FORMAT}{what}"
                yield from _attributes(resources, member)
    if waiting := circle(resources):
        yield f"Circular dependency between resources: [{', '.join(waiting)}]"


def _attributes(resources: Mapping[str, Any], member: Any) -> Iterator[str]:
    """Complain of attributes that a resource's type does not have.

    Every property passes as well: some types answer all of theirs, and the schemas do not say which.
    """
    for reference, attribute in references_of(member):
        resource_type = (resources.get(reference) or {}).get("Type", "")
        if attribute is None or is_custom(resource_type) or resource_type == "AWS::CloudFormation::Stack":
            continue
        schema = any_schema_of(resource_type)
        if schema is not None and attribute.partition(".")[0] not in schema["properties"]:
            yield f"Template error: resource {reference} does not support attribute type {attribute} in Fn::GetAtt"


def _conditions(template: Mapping[str, Any]) -> Iterator[str]:
    known = set(template.get("Conditions") or {})
    for section in ("Conditions", "Resources", "Outputs"):
        unknown = sorted(conditions_of(template.get(section) or {}, section) - known)
        if unknown:
            what = f"Unresolved condition dependency {unknown[0]} in the {section} block of the template"
            yield f"{_FORMAT}{what}"


def _exports(template: Mapping[str, Any]) -> Iterator[str]:
    outputs = (template.get("Outputs") or {}).values()
    names = [str(each["Export"].get("Name")) for each in outputs if isinstance(each.get("Export"), dict)]
    for name in sorted({each for each in names if names.count(each) > 1}):
        yield f"Template error: two outputs are exported as {name}"


def _expands(template: Mapping[str, Any]) -> bool:
    """Whether names in the template stand for others: a loop of AWS's language extensions makes them up."""
    transforms = template.get("Transform") or []
    return _EXTENSIONS in ([transforms] if isinstance(transforms, str) else transforms)


_CHECKS = (_sections, _members, _nulls, _functions, _references, _conditions, _exports)
