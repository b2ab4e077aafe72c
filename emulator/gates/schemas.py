"""The schemas of CloudFormation's resource types, by Region, as cfn-lint publishes them: AWS's own, corrected.

They are read as data, when a type is first met: importing cfn-lint itself takes seconds.
"""

from __future__ import annotations

import functools
import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_CUSTOM = "AWS::CloudFormation::CustomResource"
_PROPERTIES = "/properties/"


def is_custom(resource_type: str) -> bool:
    """Whether a resource is made by a function of the template's: its properties are that function's."""
    return resource_type.startswith("Custom::") or resource_type == _CUSTOM


def knows_region(region: str) -> bool:
    """Whether it is known which types the Region has."""
    return (_folder() / "providers" / f"{region}.json").exists()


def types_of(region: str) -> list[str]:
    """The types that a Region has; none where that is not known."""
    return sorted(_by_type(region))


def schema_of(region: str, resource_type: str) -> Mapping[str, Any] | None:
    """A type's schema in a Region, None where the Region does not have the type; custom resources have none either."""
    name = _by_type(region).get(resource_type)
    return None if name is None else _read(name)


def any_schema_of(resource_type: str) -> Mapping[str, Any] | None:
    """A type's schema, in whatever Region."""
    return schema_of("us-east-1", resource_type)


def listed(schema: Mapping[str, Any], name: str) -> list[tuple[str, ...]]:
    """The paths of properties in one of a schema's lists, like `createOnlyProperties`; `*` is every element."""
    return [tuple(each.removeprefix(_PROPERTIES).split("/")) for each in schema.get(name) or ()]


def values_at(properties: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """What the properties hold at a path."""
    if not path:
        yield properties
    elif path[0] == "*" and isinstance(properties, list):
        for each in properties:
            yield from values_at(each, path[1:])
    elif isinstance(properties, dict) and path[0] in properties:
        yield from values_at(properties[path[0]], path[1:])


@functools.cache
def _folder() -> Path:
    package = find_spec("cfnlint")
    if package is None or package.origin is None:
        raise RuntimeError("cfn-lint is not installed: run `make setup`")
    return Path(package.origin).parent / "data" / "schemas"


@functools.cache
def _by_type(region: str) -> dict[str, str]:
    file = _folder() / "providers" / f"{region}.json"
    types: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return types


@functools.cache
def _read(name: str) -> Mapping[str, Any]:
    schema: Mapping[str, Any] = json.loads((_folder() / "resources" / f"{name}.json").read_text(encoding="utf-8"))
    return schema
