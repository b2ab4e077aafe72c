"""An event as a line of JSON, and back."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from drills.history import played, seen
from drills.history.events import Event
from drills.measure.lookup import Findings
from drills.options import DrillOptions
from operations.errors import WrongInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _named(kind: type[Event]) -> str:
    return re.sub(r"(?<=.)(?=[A-Z])", "-", kind.__name__).lower()


KINDS: Mapping[str, type[Event]] = {
    _named(kind): kind
    for kind in Event.__subclasses__()
    if kind.__module__ in (Event.__module__, seen.__name__, played.__name__)
}
"""The kinds of events by the name that a line gives them."""

READ: Mapping[str, Callable[[Any], Any]] = {
    "began": datetime.fromisoformat,
    "options": lambda value: DrillOptions(**value),
    "findings": lambda value: Findings(**value),
    "keys": tuple,
    "answers": lambda value: tuple(tuple(each) for each in value),
    "asked": tuple,
    "differences": tuple,
    "faults": tuple,
    "ids": tuple,
    "states": tuple,
}
"""How a field is made of what JSON holds, for those that JSON has no type for."""


def line_of(event: Event) -> str:
    """Return the event as a line of JSON without its end."""
    held = {each.name: getattr(event, each.name) for each in fields(event)}
    return json.dumps({"event": _named(type(event)), **held}, default=_written)


def event_of(line: str) -> Event:
    """Return the event of a line; raises ValueError when it is no JSON, WrongInputError when it is no event."""
    values = json.loads(line)
    name = str(values.pop("event", "")) if isinstance(values, dict) else ""
    if name not in KINDS:
        raise WrongInputError(f"{line[:60]!r} is not an event: draw it with the version of tandem that wrote it")
    try:
        return KINDS[name](**{key: READ[key](value) if key in READ else value for key, value in values.items()})
    except TypeError as error:
        raise WrongInputError(f"{name} has other fields here ({error}): use the tandem that wrote it") from error


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return vars(value)
