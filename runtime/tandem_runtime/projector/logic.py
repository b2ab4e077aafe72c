"""Insert what is missing where the ledger takes writes; verify where it replicates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from tandem_runtime.shared.ledger import Verified, insert_or_reject, verify
from tandem_runtime.shared.ledger_errors import LedgerUnavailableError
from tandem_runtime.shared.transaction import MalformedItemError, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Ledger", "Outcome", "Record", "parse", "project"]

CONFLICTING = "the ledger holds another payload of this transaction"
REPLACED = "the journal holds another payload of this transaction now"
"""Why two images of one transaction are kept.

The journal has forgotten the one that was replaced, and a ledger that records it may be a branch that a failover
discards: only what is kept beside both outlives them.
"""


class Ledger(Protocol):
    """A connection that can be opened again, to find out anew what it may do."""

    @property
    def replica(self) -> bool:
        """Whether the connection reads a replica, asked of the database when it was opened."""
        ...

    def run(self, sql: str, **parameters: object) -> list[list[Any]]:
        """Run one statement."""
        ...

    def close(self) -> None:
        """Forget the connection."""
        ...


@dataclass(frozen=True)
class Record:
    """One stream record: its sequence number, the transaction, and the image it replaced if its payload was another."""

    sequence_number: str
    transaction: Transaction
    replaced: Transaction | None = None


@dataclass
class Outcome:
    """What became of a batch. `failed` is the sequence number to deliver again from, None when all is done."""

    inserted: int = 0
    verified: int = 0
    conflicts: int = 0
    failed: str | None = None
    quarantined: list[tuple[Mapping[str, Any], str]] = field(default_factory=list)


def parse(records: Sequence[Mapping[str, Any]]) -> tuple[list[Record], list[tuple[Mapping[str, Any], str]]]:
    """Split stream records into projectable ones, in order, and items to quarantine with the reason."""
    good: list[Record] = []
    bad: list[tuple[Mapping[str, Any], str]] = []
    for record in records:
        try:
            change = record["dynamodb"]
            if record.get("eventName") == "REMOVE" or not change["Keys"]["pk"]["S"].startswith("transaction#"):
                continue  # the ledger forgets nothing, and other items are nobody's transactions
            transaction = Transaction.from_item(change.get("NewImage", {}))
            good.append(
                Record(str(change["SequenceNumber"]), transaction, _replaced(change.get("OldImage"), transaction))
            )
        except MalformedItemError as error:
            bad.append((change.get("NewImage") or change["Keys"], str(error)))
        except (KeyError, TypeError, AttributeError) as error:
            bad.append(({"record": record}, f"not a stream record: {type(error).__name__}: {error}"))
    return good, bad


def _replaced(image: Mapping[str, Any] | None, transaction: Transaction) -> Transaction | None:
    """The image that `transaction` replaced, if its payload was another.

    A malformed one was quarantined when it was new, and what corrects it must not be: it never reached the ledger, so
    it conflicts with nothing there.
    """
    if not image:
        return None
    try:
        old = Transaction.from_item(image)
    except MalformedItemError:
        return None
    return old if old.payload_hash != transaction.payload_hash else None


def project(records: Sequence[Record], ledger: Ledger, wait: Callable[[], bool]) -> Outcome:
    """Bring the ledger up to `records`, or show that it already is.

    `wait` pauses a moment and says whether to look again: a replica is usually a second behind, and a retry of the
    whole batch costs more. The outcome names the first record that is not in the ledger; what comes before it is.
    """
    outcome = Outcome()
    if not records:
        return outcome
    try:
        _verify_or_insert(records, ledger, wait, outcome)
    except LedgerUnavailableError:
        ledger.close()
        outcome.failed = records[0].sequence_number
    return outcome


def _verify_or_insert(records: Sequence[Record], ledger: Ledger, wait: Callable[[], bool], outcome: Outcome) -> None:
    transactions = [record.transaction for record in records]
    while ledger.replica:
        seen = verify(ledger, transactions)
        if not seen.replica:
            ledger.close()  # promoted under the connection: ask again what it may do
        elif not seen.missing or not wait():
            _account(records, seen, ledger, outcome)
            return
    replaced = [record.replaced for record in records if record.replaced]
    done, rejected = insert_or_reject(ledger, transactions, replaced)
    outcome.quarantined = [(each.transaction.to_item(), each.reason) for each in rejected]
    outcome.quarantined += [(each.to_item(), REPLACED) for each in replaced]
    outcome.inserted, outcome.conflicts = done.new, done.conflicts


def _account(records: Sequence[Record], seen: Verified, ledger: Ledger, outcome: Outcome) -> None:
    """Say how far a replica holds `records`.

    A payload that conflicts with the one held is set aside here: the writer's Region may never see it, so that nothing
    would ever come to replace it or to record it in the ledger.
    """
    end = min(seen.missing, default=len(records))
    conflicting = [records[position].transaction for position in sorted(seen.conflicting) if position < end]
    outcome.quarantined = [(each.to_item(), CONFLICTING) for each in conflicting]
    outcome.quarantined += [(each.replaced.to_item(), REPLACED) for each in records[:end] if each.replaced]
    outcome.verified, outcome.conflicts = end - len(conflicting), len(conflicting)
    if end < len(records):
        outcome.failed = records[end].sequence_number
        ledger.close()  # the next attempt may find that the writer endpoint has become active
