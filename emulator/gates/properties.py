"""A resource's properties against its type's schema, worded as CloudFormation words it.

A schema is compiled once, into closures; each of its keywords that is checked has a function here or in
`emulator.gates.combinations`. `format` is not checked: it names kinds of identifiers, and those here are not AWS's.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from emulator.gates.combinations import combinations
from emulator.gates.patterns import compiled_pattern
from emulator.gates.problems import Problem
from emulator.gates.scalars import NOTHING, coerced, expected, kind_of
from emulator.gates.schemas import listed, values_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emulator.gates.problems import Check


class Properties:
    """Checks the properties of one type; patterns that no engine here reads are added to `unread`."""

    def __init__(self, schema: Mapping[str, Any], unread: dict[str, str]) -> None:
        self._root, self._unread = schema, unread
        self._references: dict[str, Check] = {}
        self._read_only = listed(schema, "readOnlyProperties")
        kept = {key: value for key, value in schema.items() if key != "definitions"}
        self._check = self._compile({"type": "object", **kept})

    def check(self, properties: Mapping[str, Any]) -> list[Problem]:
        """What CloudFormation would refuse."""
        problems: list[Problem] = []
        self._check(properties, "#", problems)
        for path in self._read_only:
            if next(values_at(properties, path), NOTHING) is not NOTHING:
                name = "/".join(path)
                message = f"Encountered readonly properties in create request: [/properties/{name}]"
                problems.append(Problem(path=f"#/{name}", message=message))
        return problems

    def _compile(self, schema: Mapping[str, Any]) -> Check:
        checks: list[Check] = []
        if "$ref" in schema:
            checks.append(self._reference(schema["$ref"]))
        checks += self._of_objects(schema) + self._of_lists(schema) + combinations(schema, self._compile)
        own = _of_scalars(schema, self._unread)
        types = schema.get("type")
        known = [types] if isinstance(types, str) else types or []

        def check(value: Any, path: str, problems: list[Problem]) -> None:
            taken = coerced(value, known) if known else value
            if taken is NOTHING:
                message = f"expected type: {expected(known)}, found: {kind_of(value)}"
                problems.append(Problem(path=path, message=message))
                return
            problems.extend(Problem(path=path, message=message) for each in own if (message := each(taken)))
            for inner in checks:
                inner(taken, path, problems)

        return check

    def _reference(self, name: str) -> Check:
        """The check of what a reference names; that may hold itself, so it is compiled when it is first used."""

        def check(value: Any, path: str, problems: list[Problem]) -> None:
            if name not in self._references:
                target: Any = self._root
                for part in name.removeprefix("#/").split("/"):
                    target = target[part.replace("~1", "/").replace("~0", "~")]
                self._references[name] = self._compile(target)
            self._references[name](value, path, problems)

        return check

    def _of_objects(self, schema: Mapping[str, Any]) -> list[Check]:
        members = {name: self._compile(each) for name, each in (schema.get("properties") or {}).items()}
        patterns = [
            (compiled, self._compile(each))
            for name, each in (schema.get("patternProperties") or {}).items()
            if (compiled := compiled_pattern(name, self._unread)) is not None
        ]
        required = schema.get("required") or ()
        others = schema.get("additionalProperties")
        further = self._compile(others) if isinstance(others, dict) else None
        if not (members or patterns or required or further or others is False):
            return []

        def check(value: Any, path: str, problems: list[Problem]) -> None:
            if not isinstance(value, dict):
                return
            missing = [name for name in required if name not in value]
            problems.extend(Problem(path=path, message=f"required key [{name}] not found") for name in missing)
            for name, each in value.items():
                inner = [members[name]] if name in members else []
                inner += [of_name for pattern, of_name in patterns if pattern.search(name)]
                if not inner and others is False:
                    problems.append(Problem(path=path, message=f"extraneous key [{name}] is not permitted"))
                for one in inner or ([further] if further else []):
                    one(each, f"{path}/{name}", problems)

        return [check]

    def _of_lists(self, schema: Mapping[str, Any]) -> list[Check]:
        items = schema.get("items")
        element = self._compile(items) if isinstance(items, dict) else None
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        unique, keys = schema.get("uniqueItems", False), schema.get("uniqueKeys") or ()
        if not (element or least or most is not None or unique or keys):
            return []

        def check(value: Any, path: str, problems: list[Problem]) -> None:
            if not isinstance(value, list):
                return
            if len(value) < least:
                message = f"expected minimum item count: {least}, found: {len(value)}"
                problems.append(Problem(path=path, message=message))
            if most is not None and len(value) > most:
                message = f"expected maximum item count: {most}, found: {len(value)}"
                problems.append(Problem(path=path, message=message))
            if unique and _repeats(value):
                problems.append(Problem(path=path, message="array items are not unique"))
            if keys and _repeats([[each.get(key) for key in keys] for each in value if isinstance(each, dict)]):
                problems.append(Problem(path=path, message=f"array items are not unique by {', '.join(keys)}"))
            for number, each in enumerate(value if element else ()):
                if element:
                    element(each, f"{path}/{number}", problems)

        return [check]


def _repeats(values: list[Any]) -> bool:
    seen = [json.dumps(each, sort_keys=True, default=str) for each in values]
    return len(set(seen)) < len(seen)


def _of_scalars(schema: Mapping[str, Any], unread: dict[str, str]) -> list[Callable[[Any], str]]:
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
