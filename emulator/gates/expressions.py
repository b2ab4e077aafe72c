"""Reserved words in DynamoDB's expressions: it refuses them as names of attributes, whatever a table holds.

Sources: DynamoDB Developer Guide, "Reserved words in DynamoDB" and "Expression attribute names (aliases)". MiniStack
looks when it meets an item, so that a query of an empty table would pass.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from emulator import ministack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OPERATIONS = (
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "GetItem",
    "Query",
    "Scan",
    "BatchGetItem",
    "TransactGetItems",
    "TransactWriteItems",
)
_CONDITIONS = frozenset({"AND", "OR", "NOT", "BETWEEN", "IN"})
_OPERATORS = {
    "ConditionExpression": _CONDITIONS,
    "FilterExpression": _CONDITIONS,
    "KeyConditionExpression": _CONDITIONS,
    "ProjectionExpression": frozenset[str](),
    "UpdateExpression": frozenset({"SET", "REMOVE", "ADD", "DELETE"}),
}
"""The words of each expression that are no names; those that are followed by a bracket are its functions."""
_WORD = re.compile(r"(?<![#:\w])[A-Za-z]\w*(?!\w|\s*\()")


def refused(parameters: Mapping[str, Any]) -> str | None:
    """What DynamoDB says of the first reserved word that an expression of a request names; None without one."""
    for kind, text in _expressions(parameters):
        for word in _WORD.findall(text):
            name = word.upper()
            if name in ministack.DYNAMODB_RESERVED.value and name not in _OPERATORS[kind]:
                return f"Invalid {kind}: Attribute name is a reserved keyword; reserved keyword: {word}"
    return None


def _expressions(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each expression of a request, those of its parts included."""
    for kind in _OPERATORS:
        if isinstance(text := parameters.get(kind), str):
            yield kind, text
    tables = parameters.get("RequestItems")
    for part in tables.values() if isinstance(tables, dict) else ():
        if isinstance(part, dict):
            yield from _expressions(part)
    items = parameters.get("TransactItems")
    for item in items if isinstance(items, list) else ():
        for part in item.values() if isinstance(item, dict) else ():
            if isinstance(part, dict):
                yield from _expressions(part)
