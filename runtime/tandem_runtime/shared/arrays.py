"""Array literals of PostgreSQL, made a column at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tandem_runtime.shared.ledger_errors import LedgerRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable


_BETWEEN = "\0"
"""No text of PostgreSQL holds it, so it can stand between elements while they are escaped together."""


def array(values: Iterable[str]) -> str:
    """The literal of an array of `values`, each quoted; raises `LedgerRefusedError` when one holds a nul byte.

    The driver escapes a list character by character in Python, which takes longer than the insert it is for
    (PostgreSQL, Array Input and Output Syntax).
    """
    elements = list(values)
    if not elements:
        return "{}"
    joined = _BETWEEN.join(elements)
    if joined.count(_BETWEEN) != len(elements) - 1:
        raise LedgerRefusedError("22021: a text holds a nul byte, which no text of the ledger can hold")
    escaped = joined.replace("\\", "\\\\").replace('"', '\\"').replace(_BETWEEN, '","')
    return f'{{"{escaped}"}}'
