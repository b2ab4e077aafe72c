"""Have the deployed code look again at what is in quarantine, as the journal holds it now.

What is accounted for is noted as released, and looked at again by every sweep until that is the sweep's margin ago: a
forced failover may drop the rows that a release inserted, and a mark above them would never have them read again. By
the end of the margin the other Region's ledger has them, and only then is the quarantine's item removed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from tandem_runtime.shared.ledger import insert_or_reject
from tandem_runtime.shared.transaction import MalformedItemError, Transaction, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import datetime, timedelta

    from tandem_runtime.shared.ledger_connection import Rows
    from tandem_runtime.shared.quarantine import Kept

__all__ = ["Journal", "Looked", "Quarantine", "look_again"]


class Journal(Protocol):
    """Where the items are."""

    def fetch(self, keys: Iterable[str]) -> Iterator[Mapping[str, Any]]:
        """Raw items; those that are not there are left out."""
        ...


class Quarantine(Protocol):
    """Where they are kept."""

    def everything(self) -> Iterator[Kept]:
        """What is kept, held or released."""
        ...

    def release(self, kept: Kept, now: datetime) -> None:
        """Note that it was accounted for."""
        ...

    def hold(self, kept: Kept) -> None:
        """Take that back."""
        ...

    def forget(self, kept: Kept) -> None:
        """Remove it."""
        ...


@dataclass
class Looked:
    """What a look at the quarantine found: keys of journal items, and why those that stay do."""

    released: list[str] = field(default_factory=list)
    staying: dict[str, str] = field(default_factory=dict)
    held: int = 0


def look_again(
    quarantine: Quarantine,
    journal: Journal,
    ledger: Rows,
    *,
    now: datetime,
    margin: timedelta,
    asked: Callable[[str], bool] = lambda _: False,
) -> Looked:
    """Look at what was released less than `margin` ago, and at the held keys that are `asked` for.

    A key is accounted for when the journal's item is in the ledger, or conflicts with what is there, which the ledger
    records; or when the journal holds no such item any more. `held` counts what is held afterwards. Safe to repeat, and
    while the projector runs: the ledger takes each item once.
    """
    kept = list(quarantine.everything())
    todo = [each for each in kept if each.released_at is not None or asked(each.key)]
    reasons = _account_for({each.key for each in todo}, journal, ledger)
    found = Looked(held=sum(each.released_at is None for each in kept))
    for each in todo:
        if each.key in reasons:
            found.staying[each.key] = reasons[each.key]
            if each.released_at is not None:
                quarantine.hold(each)
                found.held += 1
        elif each.released_at is None:
            quarantine.release(each, now)
            found.held -= 1
            found.released.append(each.key)
        elif now - each.released_at >= margin:
            quarantine.forget(each)
    found.released = sorted(set(found.released))
    return found


def _account_for(keys: Collection[str], journal: Journal, ledger: Rows) -> dict[str, str]:
    """Insert what can be inserted now; answers why, by key, for what cannot."""
    reasons: dict[str, str] = {}
    transactions = []
    for item in journal.fetch(sorted(key for key in keys if key.startswith("transaction#"))):
        try:
            transactions.append(Transaction.from_item(item))
        except MalformedItemError as error:
            reasons[item["pk"]["S"]] = str(error)
    if transactions:
        _, rejected = insert_or_reject(ledger, transactions)
        reasons |= {key_of(each.transaction.transaction_id): each.reason for each in rejected}
    return reasons
