"""Have the deployed code look again at what is in quarantine, as the journal holds it now.

An item that is accounted for is noted as released and stays in quarantine for the length of the sweep's margin. Until
then every sweep looks at it again, because a forced failover may drop the rows that its release inserted, and a mark
above them would keep sweeps from reading them again. When the margin is over, the other Region's ledger has the rows,
and the item is removed from quarantine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contract.journal import is_transaction, key_of
from contract.tables import PARTITION_KEY
from tandem_runtime.shared.ledger import insert_or_reject
from tandem_runtime.shared.transaction import MalformedItemError, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime, timedelta

    from tandem_runtime.shared.ledger_connection import Rows
    from tandem_runtime.sweeper.ports import Items, Quarantine


@dataclass
class Looked:
    """What came of a look at the quarantine.

    `released` are keys of journal items, `staying` says by key why an item stays, and
    `still_held` counts what is not released.
    """

    released: list[str] = field(default_factory=list)
    staying: dict[str, str] = field(default_factory=dict)
    still_held: int = 0


def look_again(
    quarantine: Quarantine,
    journal: Items,
    ledger: Rows,
    *,
    now: datetime,
    margin: timedelta,
    asked: Callable[[str], bool] = lambda _: False,
) -> Looked:
    """Look at what was released less than `margin` ago, and at the held keys that are `asked` for.

    A key is accounted for when the journal's item is in the ledger, or conflicts with what is there, which the ledger
    records; or when the journal holds no such item any more. `still_held` is counted afterwards. Safe to repeat, and
    while the projector runs: the ledger takes each item once.
    """
    kept = list(quarantine.everything())
    todo = [each for each in kept if each.released_at is not None or asked(each.key)]
    reasons = _account_for({each.key for each in todo}, journal, ledger)
    looked = Looked(still_held=sum(each.released_at is None for each in kept))
    for each in todo:
        if each.key in reasons:
            looked.staying[each.key] = reasons[each.key]
            if each.released_at is not None:
                quarantine.hold(each)
                looked.still_held += 1
        elif each.released_at is None:
            quarantine.release(each, now)
            looked.still_held -= 1
            looked.released.append(each.key)
        elif now - each.released_at >= margin:
            quarantine.forget(each)
    looked.released = sorted(set(looked.released))
    return looked


def _account_for(keys: Collection[str], journal: Items, ledger: Rows) -> dict[str, str]:
    """Insert what can be inserted now; answers by key why something cannot."""
    reasons: dict[str, str] = {}
    transactions = []
    for item in journal.fetch(sorted(key for key in keys if is_transaction(key))):
        try:
            transactions.append(Transaction.from_item(item))
        except MalformedItemError as error:
            reasons[item[PARTITION_KEY]["S"]] = str(error)
    if transactions:
        _, rejected = insert_or_reject(ledger, transactions)
        reasons |= {key_of(each.transaction.transaction_id): each.reason for each in rejected}
    return reasons
