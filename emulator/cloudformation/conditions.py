"""Conditions that join a list: MiniStack compares the join itself with a text, and finds that they always differ.

The CDK CLI's bootstrap stack asks in this way whether it was given policies for CloudFormation's role. Without this the
role got an empty policy's name in place of the default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator import ministack

if TYPE_CHECKING:
    from collections.abc import Mapping


def install() -> None:
    """Join before conditions are evaluated."""
    stock = ministack.CFN_CONDITIONS[0].value

    def evaluate(template: dict[str, Any], parameters: dict[str, Any]) -> Any:
        conditions = template.get("Conditions")
        known = {**template, "Conditions": joined(conditions, parameters)} if conditions else template
        return stock(known, parameters)

    for name in ministack.CFN_CONDITIONS:
        name.replace(evaluate)


def joined(value: Any, parameters: Mapping[str, Any]) -> Any:
    """A value with each join of parameters and texts replaced by its text."""
    if isinstance(value, dict):
        if value.keys() == {"Fn::Join"}:
            delimiter, items = value["Fn::Join"]
            return str(delimiter).join(map(str, _items(items, parameters)))
        return {key: joined(each, parameters) for key, each in value.items()}
    if isinstance(value, list):
        return [joined(each, parameters) for each in value]
    return value


def _items(value: Any, parameters: Mapping[str, Any]) -> list[Any]:
    """The elements to join: of a list, each; of a parameter, what its commas part."""
    if isinstance(value, list):
        return [item for each in value for item in _items(each, parameters)]
    if isinstance(value, dict) and value.keys() == {"Ref"}:
        held = str(parameters.get(value["Ref"], {}).get("Value", ""))
        return [each.strip() for each in held.split(",")] if held else []
    return [joined(value, parameters)]
