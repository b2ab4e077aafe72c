"""Which resources and conditions a part of a template names, and whether resources wait for each other in a circle."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")


def references_of(value: Any) -> Iterator[tuple[str, str | None]]:
    """The names that `Ref`, `Fn::GetAtt` and `Fn::Sub` give, each with the attribute that is asked for, if any."""
    if isinstance(value, list):
        for inner in value:
            yield from references_of(inner)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref" and isinstance(inner, str):
                yield inner, None
            elif key == "Fn::GetAtt":
                yield from _attribute(inner)
            elif key == "Fn::Sub":
                yield from _substituted(inner)
            else:
                yield from references_of(inner)


def _attribute(value: Any) -> Iterator[tuple[str, str | None]]:
    parts = value.split(".", 1) if isinstance(value, str) else value
    if isinstance(parts, list) and parts and isinstance(parts[0], str):
        name = parts[1] if len(parts) > 1 and isinstance(parts[1], str) else None
        yield parts[0], name
        yield from references_of(parts[1:])


def _substituted(value: Any) -> Iterator[tuple[str, str | None]]:
    text, own = (value[0], value[1]) if isinstance(value, list) and len(value) > 1 else (value, {})
    for variable in _VARIABLE.findall(text if isinstance(text, str) else ""):
        name, _, attribute = variable.strip().partition(".")
        if variable.strip() not in own:
            yield name, attribute or None
    yield from references_of(own)


def conditions_of(value: Any, section: str) -> set[str]:
    """The conditions that a section names: in `Condition`, as an attribute or a function, and in `Fn::If`."""
    names: set[str] = set()
    if section == "Conditions":
        names |= {str(each["Condition"]) for each in _objects(value) if isinstance(each.get("Condition"), str)}
    else:
        attributes = (each.get("Condition") for each in value.values() if isinstance(each, dict))
        names |= {each for each in attributes if isinstance(each, str)}
    for each in _objects(value):
        chosen = each.get("Fn::If")
        if len(each) == 1 and isinstance(chosen, list) and chosen and isinstance(chosen[0], str):
            names.add(chosen[0])
    return names


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _objects(inner)


def circle(resources: Mapping[str, Any]) -> list[str]:
    """Resources that wait for each other, in alphabetical order; none where an order to make them in exists."""
    waits: dict[str, set[str]] = {}
    for name, resource in resources.items():
        depends = resource.get("DependsOn") or []
        named = {reference for reference, _ in references_of(resource.get("Properties"))}
        waits[name] = (named | ({depends} if isinstance(depends, str) else set(depends))) & resources.keys()
    while ready := [name for name, others in waits.items() if not others]:
        for name in ready:
            del waits[name]
        for others in waits.values():
            others.difference_update(ready)
    return sorted(waits)
