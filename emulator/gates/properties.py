"""A resource's properties against its type's schema, worded as CloudFormation words it.

A schema is compiled once, into closures; each of its keywords that constrains a value has a function here, in
`emulator.gates.scalar_keywords` or in `emulator.gates.combinations`, and `emulator.gates.keywords` lists all of them.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from emulator.gates.combinations import combinations
from emulator.gates.patterns import compiled_pattern
from emulator.gates.problems import Problem
from emulator.gates.scalar_keywords import of_scalars
from emulator.gates.scalars import NOTHING, coerced, expected, kind_of
from emulator.gates.schemas import listed, values_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
        own = of_scalars(schema, self._unread)
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
        checks = _of_list_sizes(schema)
        items = schema.get("items")
        element = self._compile(items) if isinstance(items, dict) else None
        first = [self._compile(each) for each in schema.get("prefixItems") or ()]

        def check(value: Any, path: str, problems: list[Problem]) -> None:
            for number, each in enumerate(value if isinstance(value, list) else ()):
                judge = first[number] if number < len(first) else element
                if judge:
                    judge(each, f"{path}/{number}", problems)

        return [*checks, check] if element or first else checks


def _of_list_sizes(schema: Mapping[str, Any]) -> list[Check]:
    least, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)
    distinct, keys = schema.get("maxUniqueItems", math.inf), schema.get("uniqueKeys") or ()
    if not ({"minItems", "maxItems", "maxUniqueItems", "uniqueKeys"} & schema.keys() or schema.get("uniqueItems")):
        return []

    def wrong(value: list[Any]) -> Iterator[str]:
        if len(value) < least:
            yield f"expected minimum item count: {least}, found: {len(value)}"
        if len(value) > most:
            yield f"expected maximum item count: {most}, found: {len(value)}"
        if schema.get("uniqueItems") and _repeats(value):
            yield "array items are not unique"
        if keys and _repeats([[each.get(key) for key in keys] for each in value if isinstance(each, dict)]):
            yield f"array items are not unique by {', '.join(keys)}"
        if len(set(_written(value))) > distinct:
            yield f"expected at most {distinct} different items"

    def check(value: Any, path: str, problems: list[Problem]) -> None:
        if isinstance(value, list):
            problems.extend(Problem(path=path, message=message) for message in wrong(value))

    return [check]


def _written(values: list[Any]) -> list[str]:
    return [json.dumps(each, sort_keys=True, default=str) for each in values]


def _repeats(values: list[Any]) -> bool:
    return len(set(_written(values))) < len(values)
