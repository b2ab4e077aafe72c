"""Scalars of a template as what a schema asks for: CloudFormation takes "512" for a number and "true" for a boolean."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_WHOLE = re.compile(r"[+-]?\d+")
_NAMES = {"string": "String", "integer": "Integer", "number": "Number", "boolean": "Boolean", "array": "JSONArray"}


class _NoneType:
    """What no value is coerced to, so that None may be a value."""


NOTHING = _NoneType()


def coerced(value: Any, types: list[str]) -> Any:
    """The value as the first of the types that it can be taken for, `NOTHING` where it can be taken for none."""
    for kind in types:
        taken = _KINDS[kind](value)
        if taken is not NOTHING:
            return taken
    return NOTHING


def expected(types: list[str]) -> str:
    """The types, as CloudFormation's message writes them."""
    return " or ".join(_NAMES.get(kind, "JSONObject") for kind in types)


def kind_of(value: Any) -> str:
    """What a value is, as CloudFormation's message writes it."""
    kinds: Mapping[type, str] = {str: "String", bool: "Boolean", int: "Integer", float: "Number", list: "JSONArray"}
    return kinds.get(type(value), "JSONObject")


def _string(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return value if isinstance(value, str) else NOTHING


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        return NOTHING
    if isinstance(value, int | float):
        return value
    try:
        number = float(value)
    except (TypeError, ValueError):
        return NOTHING
    return number if math.isfinite(number) else NOTHING


def _integer(value: Any) -> Any:
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else NOTHING
    number = _number(value)
    return int(number) if number is not NOTHING and number == int(number) else NOTHING


def _boolean(value: Any) -> Any:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value if isinstance(value, bool) else NOTHING


def _only(kind: type) -> Callable[[Any], Any]:
    return lambda value: value if isinstance(value, kind) else NOTHING


_KINDS: Mapping[str, Callable[[Any], Any]] = {
    "string": _string,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "array": _only(list),
    "object": _only(dict),
    "null": _only(type(None)),
}
