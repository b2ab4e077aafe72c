"""Regular expressions of AWS's models, compiled once each."""

from __future__ import annotations

import functools
from typing import Any

import regex


def compiled_pattern(pattern: str, unread: dict[str, str]) -> Any:
    """Compile a pattern; where no engine here reads it, add it to `unread` with the reason and return None."""
    compiled, error = _compiled(pattern)
    if error:
        unread[pattern] = error
    return compiled


@functools.cache
def _compiled(pattern: str) -> tuple[Any, str]:
    # Java's classes, by which AWS's servers match, are ASCII's unless a pattern names a property of Unicode's, and `&&`
    # intersects two sets there
    flags = (regex.V1 if "&&" in pattern else regex.V0) | (0 if r"\p" in pattern else regex.ASCII)
    try:
        return regex.compile(pattern, flags), ""
    except regex.error as error:
        return None, str(error)
