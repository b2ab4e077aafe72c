"""Whether what was sent again, after it had been acknowledged, was answered as before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from drills.clients.load import Transaction
    from drills.history.events import AnsweredAgain

CREATED = 201
PLACE = ("recorded_at", "origin")
"""What an answer says of where and when it was recorded. An eventually consistent journal records it once in each
Region that has not heard of the other's yet, so these may differ there until one of both wins."""


def ids_by_key(transactions: Iterable[Transaction], repeats: Iterable[AnsweredAgain]) -> dict[str, set[str]]:
    """Return the ids under which each key was acknowledged, the first time or again."""
    ids = {each.key: set(each.ids) for each in transactions}
    for repeat in repeats:
        answers = (repeat.first, repeat.again) if repeat.status == CREATED else (repeat.first,)
        told = {str(answer["id"]) for answer in map(_read, answers) if "id" in answer}
        ids.setdefault(repeat.key, set()).update(told)
    return ids


def duplicated(transactions: Iterable[Transaction], repeats: Sequence[AnsweredAgain]) -> int | None:
    """Return how many keys were acknowledged under more than one id, None where nothing was sent again."""
    if not repeats:
        return None
    return sum(len(ids) > 1 for ids in ids_by_key(transactions, repeats).values())


def different_answers(repeats: Sequence[AnsweredAgain], *, strong: bool) -> int | None:
    """Return how many were answered differently when they were sent again, None where nothing was.

    A strongly consistent journal answers the same to the letter; another one says the same of the transaction.
    """
    if not repeats:
        return None
    without = () if strong else PLACE
    return sum(
        repeat.status != CREATED or _read(repeat.first, *without) != _read(repeat.again, *without) for repeat in repeats
    )


def _read(answer: str, *without: str) -> dict[str, Any]:
    """The fields of an answer; what is no JSON object is one field, so that it equals only itself."""
    try:
        read = json.loads(answer)
    except ValueError:
        read = None
    fields = read if isinstance(read, dict) else {"text": answer}
    return {name: value for name, value in fields.items() if name not in without}
