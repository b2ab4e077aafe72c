"""Account for a slice: one transaction of the ledger finds or inserts its rows, and raises the position over them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contract.tables import PARTITION_KEY
from tandem_runtime.shared.ledger import insert, insert_or_reject, missing, verify
from tandem_runtime.shared.ledger_errors import LedgerRefusedError, LedgerUnavailableError
from tandem_runtime.shared.transaction import MalformedItemError, Transaction
from tandem_runtime.sweeper.positions import PositionMovedError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from tandem_runtime.shared.journal import Entry
    from tandem_runtime.shared.ledger import Version
    from tandem_runtime.sweeper.ports import Sweep

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


class _Slice:
    """What is known of a slice's items: versions as the index tells them, or the items themselves where it must be."""

    def __init__(self, task: Sweep, entries: Sequence[Entry]) -> None:
        self._task = task
        self._told: dict[str, Version] = {}
        self._items: dict[str, Transaction] = {}
        self._refused: set[str] = set()
        untold = []
        for each in entries:
            if _UUID.fullmatch(each.transaction_id) and _HASH.fullmatch(each.payload_hash):
                self._told[each.key] = each
            else:
                untold.append(each.key)
        self.fetch(untold)

    def fetch(self, keys: Collection[str]) -> None:
        """Read items as the journal holds them now: what is not there any more has no version to account for."""
        fetched = {}
        for item in self._task.journal.fetch(sorted(keys)) if keys else ():
            try:
                transaction = Transaction.from_item(item)
            except MalformedItemError as error:
                self._task.set_aside(item, str(error))
            else:
                fetched[item[PARTITION_KEY]["S"]] = transaction
        for key in keys:
            self._told.pop(key, None)
        self._items |= fetched

    def versions(self) -> list[tuple[str, Version]]:
        """What is to be accounted for, by key."""
        return [*self._told.items(), *self._items.items()]

    def to_insert(self) -> list[Transaction]:
        """The items that were read, less those that the ledger has refused."""
        return [each for key, each in self._items.items() if key not in self._refused]

    def reject(self) -> None:
        """Insert what can be inserted, in transactions of their own: halves, until what is refused stands alone."""
        inserted, rejected = insert_or_reject(self._task.ledger, self.to_insert())
        self._task.inserted += inserted.new
        for each in rejected:
            item = each.transaction.to_item()
            self._task.set_aside(item, each.reason)
            self._refused.add(item[PARTITION_KEY]["S"])

    def retry_rejected(self) -> None:
        """Read what the ledger does not hold although it accounts for it: it may take by now what it has rejected."""
        keys = {version.transaction_id: key for key, version in self._told.items()}
        self.fetch([keys[name] for name in missing(self._task.ledger, list(keys), rejected=True)])


def account(
    task: Sweep,
    entries: Sequence[Entry],
    *,
    unchanged: Callable[[], bool],
    pass_over: Callable[[int], None],
    retry: bool = False,
) -> None:
    """Account for `entries` and raise the position over them, in one transaction.

    `unchanged` locks the position and says whether it is where the slice begins; `pass_over` raises it, and is told how
    many rows were inserted. DynamoDB is read before the transaction, which inserts at most once, in the projector's
    order of locks, and then reads back every version: so the position passes nothing that this ledger does not account
    for. Raises PositionMovedError, with nothing done, where that cannot be. `retry` tries again what was rejected.
    """
    known = _Slice(task, entries)
    if retry:
        known.retry_rejected()
    for _ in range(_TRIES):
        task.ledger.run("START TRANSACTION")
        try:
            _must_be(unchanged())
            transactions = known.to_insert()
            inserted = insert(task.ledger, transactions).new if transactions else 0
            absent = _unaccounted(task, known)
            if not absent:
                pass_over(inserted)
                task.ledger.run("COMMIT")
                task.read += len(entries)
                task.inserted += inserted
                return
            task.ledger.run("ROLLBACK")
        except LedgerUnavailableError:
            raise  # the connection is closed, and its transaction with it
        except LedgerRefusedError:
            task.ledger.run("ROLLBACK")
            known.reject()
            continue
        except BaseException:
            task.ledger.run("ROLLBACK")
            raise
        known.fetch(absent)
    raise PositionMovedError("the journal or the ledger changes faster than a slice is accounted for")


_TRIES = 5
"""One finds what is missing, one inserts it, one more follows a refusal, and items may change meanwhile."""


def _must_be(unchanged: bool) -> None:  # noqa: FBT001 - its name says what it is
    if not unchanged:
        raise PositionMovedError("another sweep has moved the position, or the ledger was replaced")


def _unaccounted(task: Sweep, known: _Slice) -> list[str]:
    versions = known.versions()
    if not versions:
        return []
    seen = verify(task.ledger, [version for _, version in versions])
    return [versions[position][0] for position in seen.missing | seen.conflicting]
