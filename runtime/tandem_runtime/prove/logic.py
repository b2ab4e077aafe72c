"""Whether a restored ledger holds what the journal held at the ledger's time.

That time is in the ledger itself: below the oldest of its marks it holds everything (the sweeper's promise), and it was
restored together with its rows. So the comparison needs nothing that was written down beside the backup.
"""

from __future__ import annotations

import uuid
from datetime import UTC
from typing import TYPE_CHECKING, Any, Protocol

from tandem_runtime.shared.ledger import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from tandem_runtime.shared.journal import Page
    from tandem_runtime.shared.ledger_connection import Rows

MOST_NAMED = 20
"""Transactions that are named; the rest are counted."""


class UnprovableError(Exception):
    """The restored ledger has no time up to which it could be compared."""


class Journal(Protocol):
    """The journal, as it is read for a proof."""

    def scan(self, segment: int, segments: int, after: str | None) -> Page:
        """The next page of the table."""
        ...


def time_of(ledger: Rows, origins: Sequence[str]) -> datetime:
    """Return the time before which the ledger vouches for everything; raises `UnprovableError` without a mark."""
    marks: dict[str, datetime | None] = dict(ledger.run("SELECT origin, mark FROM ledger.sweep_marks"))
    unmarked = [origin for origin in origins if marks.get(origin) is None]
    if unmarked:
        raise UnprovableError(f"the restored ledger has no mark of {', '.join(unmarked)}: it was backed up before any")
    return min(mark for origin in origins if (mark := marks[origin]) is not None)


def prove(
    journal: Journal,
    ledger: Rows,
    *,
    until: datetime,
    after: str | None,
    more: Callable[[], bool],
    quarantined: Callable[[], set[str]],
) -> dict[str, Any]:
    """Compare what the journal recorded before `until`, from the key `after` on, for as long as there may be `more`.

    Returns how many items were compared, which the ledger lacks, which it holds with another payload, and the key to go
    on `after`, None at the end. What is in quarantine was never to be in the ledger.
    """
    limit = until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")  # as items tell times: both compare as texts
    compared, lacking, differing = 0, list[str](), list[str]()
    while True:
        page = journal.scan(0, 1, after)
        entries = [each for each in page.entries if each.recorded_at < limit and _is_id(each.transaction_id)]
        if entries:
            compared += len(entries)
            held = verify(ledger, entries)
            lacking += [entries[position].key for position in sorted(held.missing)]
            differing += [entries[position].key for position in sorted(held.conflicting)]
        after = page.last
        if after is None or not more():
            break
    if lacking or differing:
        aside = quarantined()
        lacking, differing = ([key for key in keys if key not in aside] for keys in (lacking, differing))
    return {
        "compared": compared,
        "lacking": len(lacking),
        "differing": len(differing),
        "named": [*lacking, *differing][:MOST_NAMED],
        "after": after,
    }


def _is_id(text: str) -> bool:
    """Whether a key's id is one that a ledger can hold: whoever writes around the API may have put any."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
