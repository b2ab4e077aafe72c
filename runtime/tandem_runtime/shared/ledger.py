"""The ledger's SQL: one statement inserts a batch, another one verifies it, each in one round trip."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tandem_runtime.shared.arrays import array
from tandem_runtime.shared.ledger_errors import LedgerRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from tandem_runtime.shared.ledger_connection import Rows
    from tandem_runtime.shared.transaction import Transaction


# A row is a transaction with both its entries, and a trigger adds to the balances what this statement inserted. So a
# batch that is delivered twice is posted once. `insert` sees to it that a batch holds each id once.
#
# The statement answers with the number of new transactions and with the ids that are in doubt. An id is in doubt when
# it was not inserted and this statement does not see it with the same payload. Then either the ledger holds another
# payload, or another writer has inserted the row since this statement's snapshot was taken. Where everything is new,
# which is the rule, the two counts say so and nothing is looked up.
#
# PostgreSQL plans the statement once for a session, for batches of every size, and expects ten rows. It evaluates a
# subquery with `IS TRUE` by a hash table, and a scalar subquery by the key. If they were joins, it could plan them as a
# loop within a loop, which takes the square of a batch's size.
_INSERT = """
WITH batch AS (
    SELECT * FROM unnest(
        :ids ::uuid[], :payload_hashes ::text[], :origins ::text[], :recorded_ats ::timestamptz[], :currencies ::text[],
        :descriptions ::text[], :debit_accounts ::text[], :credit_accounts ::text[], :amounts ::bigint[]
    ) AS b (id, payload_hash, origin, recorded_at, currency, description, debit_account, credit_account, amount)
), inserted AS (
    INSERT INTO ledger.transactions (
        id, payload_hash, origin, recorded_at, currency, description, debit_account, credit_account, amount
    )
    SELECT * FROM batch ORDER BY id
    ON CONFLICT (id) DO NOTHING RETURNING id
)
SELECT (SELECT count(*) FROM inserted), array_agg(b.id::text)
FROM batch b
WHERE (SELECT count(*) FROM inserted) <> (SELECT count(*) FROM batch)
  AND (b.id IN (SELECT id FROM inserted)) IS NOT TRUE
  AND (SELECT t.payload_hash FROM ledger.transactions t WHERE t.id = b.id) IS DISTINCT FROM b.payload_hash
"""

# Every image of a transaction is kept that differs from the one in the ledger, or from another image of the batch.
_RECORD_CONFLICTS = """
WITH images AS (
    SELECT * FROM unnest(:ids ::uuid[], :payload_hashes ::text[], :images ::jsonb[]) AS i (id, payload_hash, image)
), recorded AS (
    INSERT INTO ledger.conflicts (transaction_id, payload_hash, image)
    SELECT DISTINCT ON (i.id, i.payload_hash) i.id, i.payload_hash, i.image
    FROM images i
    WHERE EXISTS (SELECT FROM ledger.transactions t WHERE t.id = i.id AND t.payload_hash <> i.payload_hash)
       OR EXISTS (SELECT FROM images o WHERE o.id = i.id AND o.payload_hash <> i.payload_hash)
    ORDER BY i.id, i.payload_hash
    ON CONFLICT DO NOTHING RETURNING transaction_id
)
SELECT count(*) FROM recorded
"""

# A payload is accounted for when the ledger holds it, or a rejection or a conflict of it.
_VERIFY = """
SELECT pg_is_in_recovery(), coalesce(array_agg(b.position) FILTER (WHERE NOT (
    coalesce(held.payload_hash = b.payload_hash, false)
    OR EXISTS (SELECT FROM ledger.rejections r WHERE r.transaction_id = b.id AND r.payload_hash = b.payload_hash)
    OR EXISTS (SELECT FROM ledger.conflicts c WHERE c.transaction_id = b.id AND c.payload_hash = b.payload_hash)
)), '{}'), coalesce(array_agg(b.position) FILTER (WHERE held.payload_hash <> b.payload_hash), '{}')
FROM unnest(:ids ::uuid[], :payload_hashes ::text[]) WITH ORDINALITY AS b (id, payload_hash, position)
CROSS JOIN LATERAL (
    SELECT (SELECT t.payload_hash FROM ledger.transactions t WHERE t.id = b.id) OFFSET 0
) AS held (payload_hash)
"""

_REJECT = """
INSERT INTO ledger.rejections (transaction_id, payload_hash, reason)
VALUES (:id ::uuid, :payload_hash, :reason) ON CONFLICT DO NOTHING
"""

_MISSING = """
SELECT b.id::text FROM unnest(:ids ::uuid[]) AS b (id)
WHERE (SELECT t.id FROM ledger.transactions t WHERE t.id = b.id) IS NULL
  AND (:rejected ::boolean OR (SELECT 1 FROM ledger.rejections r WHERE r.transaction_id = b.id LIMIT 1) IS NULL)
"""


@dataclass(frozen=True)
class Inserted:
    """What a batch did: how many transactions were new, and how many conflicting images were recorded."""

    new: int
    conflicts: int


@dataclass(frozen=True)
class Rejected:
    """A transaction that the ledger refuses although its item is well formed, and what the database said."""

    transaction: Transaction
    reason: str


@dataclass(frozen=True)
class Verified:
    """What a ledger holds of a batch: the positions, from 0, of transactions that are not accounted for.

    `missing` ones are not there yet. `conflicting` ones never will be, because the id is there with another payload.
    """

    replica: bool
    missing: frozenset[int]
    conflicting: frozenset[int]


def insert(ledger: Rows, transactions: Sequence[Transaction], images: Iterable[Transaction] = ()) -> Inserted:
    """Insert what is missing of `transactions`, once each; record every image whose payload differs from the one held.

    `images` are further versions of the same transactions, such as the old image of a modified journal item. Without a
    conflict this is one statement. Conflicts take a second one; whoever fails between the two delivers the batch again,
    and then the first statement names the same conflicts again.
    """
    first: dict[str, Transaction] = {}
    for transaction in transactions:
        first.setdefault(transaction.transaction_id, transaction)
    unique = list(first.values())
    new, in_doubt = ledger.run(
        _INSERT,
        ids=array(transaction.transaction_id for transaction in unique),
        payload_hashes=array(transaction.payload_hash for transaction in unique),
        origins=array(transaction.origin for transaction in unique),
        recorded_ats=array(transaction.recorded_at for transaction in unique),
        currencies=array(transaction.currency for transaction in unique),
        descriptions=array(transaction.description for transaction in unique),
        debit_accounts=array(transaction.debit_account for transaction in unique),
        credit_accounts=array(transaction.credit_account for transaction in unique),
        amounts=array(str(transaction.amount) for transaction in unique),
    )[0]
    seen = [*transactions, *images]
    differing = {
        each.transaction_id
        for each in seen
        if first.setdefault(each.transaction_id, each).payload_hash != each.payload_hash
    }
    differing.update(in_doubt or ())
    return Inserted(new, _record_conflicts(ledger, [each for each in seen if each.transaction_id in differing]))


def _record_conflicts(ledger: Rows, images: Sequence[Transaction]) -> int:
    if not images:
        return 0
    rows = ledger.run(
        _RECORD_CONFLICTS,
        ids=array(image.transaction_id for image in images),
        payload_hashes=array(image.payload_hash for image in images),
        images=array(json.dumps(image.to_item(), ensure_ascii=False) for image in images),
    )
    return int(rows[0][0])


def insert_or_reject(
    ledger: Rows,
    transactions: Sequence[Transaction],
    images: Sequence[Transaction] = (),
    *,
    in_transaction: bool = False,
) -> tuple[Inserted, list[Rejected]]:
    """Insert like `insert`; what the ledger refuses is recorded there as a rejection and holds up nothing else.

    `in_transaction` says that the caller has begun a transaction of the database, which a refused statement must not
    end. A batch that holds a refused transaction is halved until that one stands alone; the rest is inserted.
    """
    try:
        return _insert_whole(ledger, transactions, images, in_transaction=in_transaction), []
    except LedgerRefusedError as error:
        if len(transactions) == 1:
            transaction, reason = transactions[0], str(error)[:500]
            ledger.run(_REJECT, id=transaction.transaction_id, payload_hash=transaction.payload_hash, reason=reason)
            return Inserted(0, 0), [Rejected(transaction, reason)]
    inserted, rejected = Inserted(0, 0), []
    for half in (transactions[: len(transactions) // 2], transactions[len(transactions) // 2 :]):
        names = {transaction.transaction_id for transaction in half}
        own = [image for image in images if image.transaction_id in names]
        more, refused = insert_or_reject(ledger, half, own, in_transaction=in_transaction)
        inserted = Inserted(inserted.new + more.new, inserted.conflicts + more.conflicts)
        rejected += refused
    return inserted, rejected


def _insert_whole(
    ledger: Rows, transactions: Sequence[Transaction], images: Sequence[Transaction], *, in_transaction: bool
) -> Inserted:
    if not in_transaction:
        return insert(ledger, transactions, images)
    ledger.run("SAVEPOINT batch")
    try:
        inserted = insert(ledger, transactions, images)
    except LedgerRefusedError:
        ledger.run("ROLLBACK TO SAVEPOINT batch")
        raise
    ledger.run("RELEASE SAVEPOINT batch")
    return inserted


class Version(Protocol):
    """A transaction's id, and the hash of one payload of it."""

    @property
    def transaction_id(self) -> str:
        """The id."""
        ...

    @property
    def payload_hash(self) -> str:
        """The hash."""
        ...


def verify(ledger: Rows, transactions: Sequence[Version]) -> Verified:
    """Read back what the ledger holds of `transactions`."""
    replica, absent, other = ledger.run(
        _VERIFY,
        ids=array(transaction.transaction_id for transaction in transactions),
        payload_hashes=array(transaction.payload_hash for transaction in transactions),
    )[0]
    unaccounted, conflicting = ({position - 1 for position in positions} for positions in (absent, other))
    return Verified(bool(replica), frozenset(unaccounted - conflicting), frozenset(unaccounted & conflicting))


def missing(ledger: Rows, transaction_ids: Sequence[str], *, rejected: bool = False) -> list[Any]:
    """Which of `transaction_ids` the ledger neither holds nor has rejected; with `rejected`, which it does not hold."""
    return [row[0] for row in ledger.run(_MISSING, ids=array(transaction_ids), rejected=rejected)]
