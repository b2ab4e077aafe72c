"""Says in one line what is wrong with a setting: the key, the value given, what is allowed."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

_LONGEST = 80
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_REQUIREMENTS = {
    "bool_type": "must be true or false, without quotes",
    "finite_number": "must be a finite number",
    "float_type": "must be a number, without quotes",
    "greater_than_equal": "must be {ge} or more",
    "int_from_float": "must be a whole number",
    "int_type": "must be a whole number, without quotes",
    "less_than_equal": "must be {le} or less",
    "literal_error": "must be {expected}",
    "model_type": "must be a table: write its keys below a line [{key}]",
    "multiple_of": "must be a multiple of {multiple_of}",
    "string_type": "must be a string, in quotes",
    "too_long": "must have at most {max_length} values",
    "too_short": "must have at least {min_length} values",
    "tuple_type": "must be a list, in square brackets",
}


def shown(value: object) -> str:
    """A value as its file spells it, on one line, cut where it is long."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def explain(error: ValidationError, model: type[BaseModel]) -> str:
    """Return the line that says what the first mistake in the input of `model` is."""
    first = error.errors()[0]
    key = ".".join(_spelled(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"{key} is not a known key: {_correction(first['loc'], model)}"
    if first["type"] == "missing":
        return f"{key} is missing: add it, as the files of the other stages do"
    requirement = _requirement(first, key)
    if first["type"] == "value_error":
        return f"{key}: {requirement}" if key else requirement
    return f"{key} = {shown(first['input'])}: {requirement}"


def _spelled(part: int | str) -> str:
    return part if isinstance(part, str) and _BARE_KEY.fullmatch(part) else shown(part)


def _requirement(error: ErrorDetails, key: str) -> str:
    template = _REQUIREMENTS.get(error["type"])
    if template:
        return template.format(key=key, **error.get("ctx", {}))
    message = str(error["msg"]).removeprefix("Value error, ").replace("\n", " ")
    return f"{message[:1].lower()}{message[1:]}"


def _correction(location: Sequence[int | str], model: type[BaseModel]) -> str:
    """The known key that was perhaps meant, or all that are known."""
    group: Any = model
    for part in location[:-1]:
        annotation = group.model_fields[str(part)].annotation
        group = next(each for each in (annotation, *get_args(annotation)) if hasattr(each, "model_fields"))
    known = sorted(group.model_fields)
    near = get_close_matches(str(location[-1]), known, n=1)
    return f"did you mean {near[0]}" if near else f"remove it, or use one of {', '.join(known)}"
