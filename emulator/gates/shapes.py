"""A request's parameters against the service model that AWS publishes with botocore.

Checked are required members, lengths, ranges, enumerations and patterns: what AWS's servers check and botocore's client
does not. Each operation is compiled once, into closures that look only at members with a constraint. The contents of
DynamoDB's items are values of the caller's, and are not looked at. The wording is AWS's (public logs of its answers).
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.gates.patterns import compiled_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ITEM_VALUE = "AttributeValue"
_SCALARS = frozenset({"string", "integer", "long", "float", "double", "blob"})
_SHOWN = 1024
_LONGEST = re.compile(r"(?:String|Uri)WithLengthBetween\d+And(\d+)(K?)")
"""How API Gateway's model tells lengths: in the names of its shapes only."""


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One constraint that a value does not satisfy; `path` as AWS writes it, like `tags.1.member.key`."""

    path: str
    value: Any
    constraint: str

    def __str__(self) -> str:
        """Say it as AWS does."""
        shown = "null" if self.value is None else f"'{_shown(self.value)[:_SHOWN]}'"
        return f"Value {shown} at '{self.path}' failed to satisfy constraint: {self.constraint}"


def described(violations: list[Violation]) -> str:
    """The message that AWS answers with."""
    plural = "" if len(violations) == 1 else "s"
    return f"{len(violations)} validation error{plural} detected: " + "; ".join(map(str, violations))


class Checker:
    """Checks the operations of one service; `wire_names` where parameters have the names that JSON gives them.

    Patterns that no engine here reads are not checked, and added to `unread` with the reason.
    """

    def __init__(self, unread: dict[str, str], *, wire_names: bool = False) -> None:
        self._unread, self._wire_names = unread, wire_names
        self._compiled: dict[str, Any] = {}
        self._shapes: dict[str, Any] = {}

    def check(self, operation: Any, parameters: Mapping[str, Any]) -> list[Violation]:
        """What of an operation's parameters AWS would refuse; `operation` is an `OperationModel` of botocore's."""
        violations: list[Violation] = []
        if operation.name not in self._compiled:
            shape = operation.input_shape
            self._compiled[operation.name] = None if shape is None else self._structure(shape, unchecked=_body(shape))
        check = self._compiled[operation.name]
        if check is not None:
            check(parameters, "", violations)
        return violations

    def _of(self, shape: Any) -> Any:
        """The check of a shape, None where nothing of it is constrained."""
        if shape.name == _ITEM_VALUE or getattr(shape, "is_document_type", False):
            return None
        if shape.type_name in _SCALARS:
            return self._scalar(shape)
        if shape.name not in self._shapes:
            made: dict[str, Any] = {"check": None}
            # a shape that holds itself is compiled when it is met in a value
            self._shapes[shape.name] = lambda value, path, violations: (
                made["check"] and made["check"](value, path, violations)
            )
            build = {"structure": self._structure, "list": self._list, "map": self._map}.get(shape.type_name)
            made["check"] = build(shape) if build else None
            self._shapes[shape.name] = made["check"]
        return self._shapes[shape.name]

    def _structure(self, shape: Any, *, unchecked: str = "") -> Any:
        required = [name for name in shape.required_members if name != unchecked]
        members = []
        for name, member in shape.members.items():
            check = None if name == unchecked else self._of(member)
            if check is not None or name in required:
                key = member.serialization.get("name", name) if self._wire_names else name
                members.append((key, _lower(name), name in required, check))
        if not members:
            return None

        def structure(value: Any, path: str, violations: list[Violation]) -> None:
            if not isinstance(value, dict):
                return
            for key, name, needed, check in members:
                held = value.get(key)
                if held is None:
                    if needed:
                        violations.append(Violation(path=path + name, value=None, constraint="Member must not be null"))
                elif check is not None:
                    check(held, path + name, violations)

        return _nested(structure)

    def _list(self, shape: Any) -> Any:
        own = _length(shape)
        member = shape.member
        scalar = member.type_name in _SCALARS
        each: Any = self._rules(member) if scalar else self._of(member)
        if not own and not each:
            return None
        wording = f"Member must satisfy constraint: [{', '.join(text for text, _ in each)}]" if scalar and each else ""

        def check(value: Any, path: str, violations: list[Violation]) -> None:
            if not isinstance(value, list):
                return
            _apply(own, value, path, violations)
            if wording:
                if any(not holds(held) for held in value for _, holds in each):
                    violations.append(Violation(path=path, value=value, constraint=wording))
            elif each:
                for number, held in enumerate(value, 1):
                    each(held, f"{path}.{number}.member", violations)

        return check

    def _map(self, shape: Any) -> Any:
        if shape.value.name == _ITEM_VALUE:
            return None
        own, keys = _length(shape), self._rules(shape.key)
        scalar = shape.value.type_name in _SCALARS
        values: Any = self._rules(shape.value) if scalar else self._of(shape.value)
        if not own and not keys and not values:
            return None
        of_keys = f"Map keys must satisfy constraint: [{', '.join(text for text, _ in keys)}]"
        of_values = f"Map value must satisfy constraint: [{', '.join(text for text, _ in values)}]" if scalar else ""

        def check(value: Any, path: str, violations: list[Violation]) -> None:
            if not isinstance(value, dict):
                return
            _apply(own, value, path, violations)
            if any(not holds(key) for key in value for _, holds in keys):
                violations.append(Violation(path=path, value=value, constraint=of_keys))
            if scalar:
                if any(not holds(held) for held in value.values() for _, holds in values):
                    violations.append(Violation(path=path, value=value, constraint=of_values))
            elif values:
                for key, held in value.items():
                    values(held, f"{path}.{key}.member", violations)

        return check

    def _scalar(self, shape: Any) -> Any:
        rules = self._rules(shape)
        if not rules:
            return None

        def check(value: Any, path: str, violations: list[Violation]) -> None:
            _apply(rules, value, path, violations)

        return check

    def _rules(self, shape: Any) -> list[tuple[str, Callable[[Any], bool]]]:
        """A scalar's constraints: AWS's wording, and whether a value satisfies it."""
        match shape.type_name:
            case "integer" | "long" | "float" | "double":
                return _range(shape)
            case "blob":
                return _length(shape)
            case "string":
                rules = _length(shape)
                if values := shape.metadata.get("enum"):
                    # a set of AWS's has no order that anybody promised: here it is the model's
                    known, wording = frozenset(values), f"Member must satisfy enum value set: [{', '.join(values)}]"
                    rules.append((wording, lambda value: not isinstance(value, str) or value in known))
                if pattern := shape.metadata.get("pattern"):
                    rules += self._pattern(pattern)
                return rules
        return []

    def _pattern(self, pattern: str) -> list[tuple[str, Callable[[Any], bool]]]:
        compiled = compiled_pattern(pattern, self._unread)
        if compiled is None:
            return []
        matches = compiled.fullmatch
        wording = f"Member must satisfy regular expression pattern: {pattern}"
        return [(wording, lambda value: not isinstance(value, str) or matches(value) is not None)]


def _nested(structure: Any) -> Any:
    """A structure's check, whose members' paths begin with its own."""

    def check(value: Any, path: str, violations: list[Violation]) -> None:
        structure(value, path and path + ".", violations)

    return check


def _apply(rules: Any, value: Any, path: str, violations: list[Violation]) -> None:
    for constraint, holds in rules:
        if not holds(value):
            violations.append(Violation(path=path, value=value, constraint=constraint))


def _length(shape: Any) -> list[tuple[str, Callable[[Any], bool]]]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if most is None and (named := _LONGEST.fullmatch(shape.name)):
        most = int(named[1]) * (1024 if named[2] else 1)
    measure = _bytes if shape.type_name == "blob" else len
    rules: list[tuple[str, Callable[[Any], bool]]] = []
    if least:
        wording = f"Member must have length greater than or equal to {least}"
        rules.append((wording, lambda value: not hasattr(value, "__len__") or measure(value) >= least))
    if most is not None:
        wording = f"Member must have length less than or equal to {most}"
        rules.append((wording, lambda value: not hasattr(value, "__len__") or measure(value) <= most))
    return rules


def _range(shape: Any) -> list[tuple[str, Callable[[Any], bool]]]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    rules: list[tuple[str, Callable[[Any], bool]]] = []
    if least is not None:
        wording = f"Member must have value greater than or equal to {least}"
        rules.append((wording, lambda value: not isinstance(value, int | float) or value >= least))
    if most is not None:
        wording = f"Member must have value less than or equal to {most}"
        rules.append((wording, lambda value: not isinstance(value, int | float) or value <= most))
    return rules


def _bytes(value: Any) -> int:
    """How many bytes a blob holds, which JSON writes in base64."""
    if not isinstance(value, str):
        return len(value)
    try:
        return len(base64.b64decode(value))
    except (binascii.Error, ValueError):
        return len(value)


def _body(shape: Any) -> str:
    """The member that is a request's whole body as bytes, which is not checked; empty where there is none."""
    name = shape.serialization.get("payload", "")
    return name if name and shape.members[name].type_name in ("blob", "string") else ""


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _shown(value: Any) -> str:
    """A value as AWS's messages show it: lists and maps without quotes."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_shown(held)}" for key, held in value.items()) + "}"
    return str(value)
