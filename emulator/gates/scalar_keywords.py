"""A schema's keywords that constrain one value: enumerations, patterns, formats, lengths and bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.gates import formats
from emulator.gates.patterns import compiled_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def of_scalars(schema: Mapping[str, Any], unread: dict[str, str]) -> list[Callable[[Any], str]]:
    """A scalar's constraints: each returns what is wrong, empty where nothing is."""
    checks: list[Callable[[Any], str]] = []
    if (values := schema.get("enum")) is not None:
        checks.append(lambda value: "" if _is_among(value, values) else f"{value} is not a valid enum value")
    if (names := schema.get("enumCaseInsensitive")) is not None:
        known = {str(each).lower() for each in names}
        checks.append(lambda value: "" if str(value).lower() in known else f"{value} is not a valid enum value")
    if "const" in schema:
        constant = schema["const"]
        checks.append(lambda value: "" if _is_among(value, [constant]) else f"{value} is not {constant}")
    if (pattern := compiled_pattern(schema["pattern"], unread) if "pattern" in schema else None) is not None:
        failed = "failed validation constraint for keyword [pattern]"
        checks.append(lambda value: "" if not isinstance(value, str) or pattern.search(value) else failed)
    if (fits := formats.of(schema["format"]) if "format" in schema else None) is not None:
        wrong = f"failed validation constraint for keyword [format]: {schema['format']}"
        checks.append(lambda value: "" if fits(value) else wrong)
    checks += _of_sizes(schema)
    return checks


def _of_sizes(schema: Mapping[str, Any]) -> list[Callable[[Any], str]]:
    checks = [
        _sized(kind, name, schema[name])
        for kind, names in ((str, ("minLength", "maxLength")), (dict, ("minProperties", "maxProperties")))
        for name in names
        if name in schema
    ]
    if (low := schema.get("minimum")) is not None:
        checks.append(lambda value: f"{value} is not greater or equal to {low}" if _number(value) < low else "")
    if (high := schema.get("maximum")) is not None:
        checks.append(lambda value: f"{value} is not less or equal to {high}" if _number(value) > high else "")
    if (above := schema.get("exclusiveMinimum")) is not None:
        checks.append(lambda value: f"{value} is not greater than {above}" if _number(value) <= above else "")
    if (below := schema.get("exclusiveMaximum")) is not None:
        checks.append(lambda value: f"{value} is not less than {below}" if _number(value) >= below else "")
    if (step := schema.get("multipleOf")) is not None:
        checks.append(lambda value: f"{value} is not a multiple of {step}" if _number(value) % step > 0 else "")
    return checks


def _sized(kind: type, keyword: str, bound: int) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if not isinstance(value, kind):
            return ""
        size = len(value)  # type: ignore[arg-type] # a string or a dictionary
        fits = size >= bound if keyword.startswith("min") else size <= bound
        return "" if fits else f"expected {keyword}: {bound}, actual: {size}"

    return check


def _number(value: Any) -> float:
    """A number to compare; what is none breaks no bound, as no comparison with it is true."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")


def _is_among(value: Any, values: list[Any]) -> bool:
    return value in values or (not isinstance(value, dict | list) and str(value) in map(str, values))
