"""Which operation of a REST service a method and a path name."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from emulator.gates.models import UnknownOperationError, model_for_parsers, operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LABEL = re.compile(r"\{([^}+]+)(\+?)\}")
_BUCKET_SLASHES = 2  # /bucket/ is the bucket, and no key of it


@dataclass(frozen=True)
class _Route:
    operation: Any
    pattern: re.Pattern[str]
    labels: tuple[str, ...]
    query: frozenset[tuple[str, str]]
    headers: tuple[str, ...]
    weight: tuple[bool, int, int]


def route_of(
    service: str, method: str, path: str, query: str, headers: Mapping[str, str]
) -> tuple[Any, dict[str, str]]:
    """The most exact of the operations whose method, path and constant parameters are given, and what its labels hold.

    Raises `UnknownOperationError` where there is none.
    """
    trimmed = path if service == "s3" and path.count("/") != _BUCKET_SLASHES else path.rstrip("/") or "/"
    given = dict(parse_qsl(query, keep_blank_values=True))
    for route in _routes(service).get(method, ()):
        matched = route.pattern.fullmatch(trimmed)
        if (
            matched
            and all(name in given and (not value or given[name] == value) for name, value in route.query)
            and all(name in headers for name in route.headers)
        ):
            values = map(unquote, matched.groups())
            return route.operation, dict(zip(route.labels, values, strict=True))
    raise UnknownOperationError(f"{method} {path}")


@functools.cache
def _routes(service: str) -> dict[str, Sequence[_Route]]:
    by_method: dict[str, list[_Route]] = {}
    for name in model_for_parsers(service).operation_names:
        asked = operation(service, name, for_parsers=True)
        path, _, query = asked.http["requestUri"].partition("?")
        pattern, literal = _pattern(path if service == "s3" else path.rstrip("/") or "/")
        constants = frozenset(parse_qsl(query, keep_blank_values=True))
        parameters = constants | {(each, "") for each in _required(asked, "querystring")}
        headers = tuple(each.lower() for each in _required(asked, "header"))
        route = _Route(
            operation=asked,
            pattern=pattern,
            labels=tuple(label for label, _ in _LABEL.findall(path)),
            query=parameters,
            headers=headers,
            weight=(asked.deprecated, -len(parameters) - len(headers), -literal),
        )
        by_method.setdefault(asked.http["method"], []).append(route)
    return {method: sorted(routes, key=lambda route: route.weight) for method, routes in by_method.items()}


def _pattern(path: str) -> tuple[re.Pattern[str], int]:
    """What a path of the model matches, and how many of its characters are its own rather than a label's."""
    text, literal, position = "", 0, 0
    for label in _LABEL.finditer(path):
        own = path[position : label.start()]
        text += re.escape(own) + ("(.+)" if label[2] else "([^/]+)")
        literal, position = literal + len(own), label.end()
    return re.compile(text + re.escape(path[position:])), literal + len(path) - position


def _required(asked: Any, location: str) -> list[str]:
    """Required parameters or headers, which tell S3's operations on one path from another."""
    shape = asked.input_shape
    if shape is None or asked.service_model.service_name != "s3":
        return []
    return [
        shape.members[name].serialization["name"]
        for name in shape.required_members
        if shape.members[name].serialization.get("location") == location
    ]
