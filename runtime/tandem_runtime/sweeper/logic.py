"""What the stream cannot guarantee, the mark does.

Every journal item of an origin recorded before its mark is in the ledger that holds the mark. A sweep reads the journal
after the mark, inserts what is missing, and raises the mark, all in one transaction of the ledger.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from tandem_runtime.shared.ledger import insert_or_reject, missing, verify
from tandem_runtime.shared.transaction import BUCKETS_PER_MINUTE, MalformedItemError, Transaction, bucket_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tandem_runtime.shared.ledger_connection import Rows

__all__ = ["Journal", "Sweep", "sweep"]

SLACK = timedelta(minutes=1)
"""Between a handler's clock and the put it precedes, and between two Regions' clocks."""

_CHUNK = 5_000
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class Journal(Protocol):
    """What a sweep reads."""

    def keys_in(self, bucket: str, since: str) -> Iterator[str]:
        """Keys of one partition of the time index."""
        ...

    def every_key(self) -> Iterator[str]:
        """Every transaction's key."""
        ...

    def fetch(self, keys: Iterable[str]) -> Iterator[Mapping[str, Any]]:
        """Raw items."""
        ...


@dataclass
class Sweep:
    """One sweep of one origin: what to read, and on what evidence the mark may rise.

    A sweep that somebody `asked_for` tries again what the ledger rejected, which it may take by now.
    """

    region: str
    journal: Journal
    ledger: Rows
    quarantine: Callable[[Mapping[str, Any], str], None]
    margin: timedelta
    interval: timedelta
    now: datetime
    everything: bool = False
    asked_for: bool = False
    read: int = 0
    inserted: int = 0
    quarantined: int = 0

    def set_aside(self, item: Mapping[str, Any], reason: str) -> None:
        """Quarantine an item, and count it."""
        self.quarantine(item, reason)
        self.quarantined += 1


def sweep(task: Sweep, origin: str, heartbeat: datetime | None, since: datetime | None = None) -> datetime | None:
    """Sweep one origin's items; returns its mark afterwards, None while there is none.

    `heartbeat` is the origin's latest as seen here. `since` widens the sweep to before the mark, never narrows it: the
    mark rises over what was read and nothing else. Without a mark the whole journal is read: a new ledger needs that.

    The index tells ids and not payloads. So before the mark passes items, and where a sweep is widened, the items are
    read themselves, and what the ledger holds with another payload is recorded as a conflict.
    """
    task.ledger.run("START TRANSACTION")
    try:
        mark = _mark(task.ledger, origin)
        risen = _evidence(task, origin, heartbeat)
        rises = risen is not None and (mark is None or risen > mark)
        widened = task.everything or since is not None
        if task.everything or mark is None:
            _insert(task, task.journal.every_key(), compare=widened or rises)
        else:
            start, end = min(since or mark, mark), task.now if widened else risen
            if end is not None and (widened or rises):
                _insert(task, _keys(task, origin, start, end), compare=True)
                start = end
            _insert(task, _keys(task, origin, start, task.now + SLACK), compare=False)
        if rises:
            task.ledger.run(
                "INSERT INTO ledger.sweep_marks AS held (origin, mark, swept_at) VALUES (:origin, :mark, :now) "
                "ON CONFLICT (origin) DO UPDATE SET mark = greatest(held.mark, excluded.mark), "
                "swept_at = excluded.swept_at",
                origin=origin,
                mark=risen,
                now=task.now,
            )
            mark = risen
        task.ledger.run("COMMIT")
    except BaseException:
        task.ledger.run("ROLLBACK")
        raise
    return mark


def _mark(ledger: Rows, origin: str) -> datetime | None:
    rows = ledger.run("SELECT mark FROM ledger.sweep_marks WHERE origin = :origin FOR UPDATE", origin=origin)
    return rows[0][0] if rows else None


def _keys(task: Sweep, origin: str, start: datetime, end: datetime) -> Iterator[str]:
    minute = start.astimezone(UTC).replace(second=0, microsecond=0)
    since = start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    while minute <= end:
        for number in range(BUCKETS_PER_MINUTE):
            yield from task.journal.keys_in(bucket_of(origin, minute.strftime("%Y-%m-%dT%H:%M"), number), since)
        minute += timedelta(minutes=1)


def _insert(task: Sweep, keys: Iterator[str], *, compare: bool) -> None:
    """Insert what is missing; with `compare`, also record what is there with another payload."""
    while chunk := list(islice(keys, _CHUNK)):
        task.read += len(chunk)
        transactions = _transactions(task, chunk if compare else _missing(task, chunk))
        if compare and transactions:
            transactions = _unaccounted(task, transactions)
        if transactions:
            done, rejected = insert_or_reject(task.ledger, transactions, in_transaction=True)
            task.inserted += done.new
            for each in rejected:
                task.set_aside(each.transaction.to_item(), each.reason)


def _unaccounted(task: Sweep, transactions: list[Transaction]) -> list[Transaction]:
    seen = verify(task.ledger, transactions)
    wanted = seen.missing | seen.conflicting
    again = set(
        missing(task.ledger, [each.transaction_id for each in transactions], rejected=True) if task.asked_for else ()
    )
    return [
        transaction
        for position, transaction in enumerate(transactions)
        if position in wanted or transaction.transaction_id in again
    ]


def _missing(task: Sweep, keys: list[str]) -> list[str]:
    by_id = {key.removeprefix("transaction#"): key for key in keys}
    well_formed = [name for name in by_id if _is_uuid(name)]
    wanted = [by_id[name] for name in missing(task.ledger, well_formed)]
    return wanted + [key for name, key in by_id.items() if not _is_uuid(name)]


def _transactions(task: Sweep, keys: list[str]) -> list[Transaction]:
    transactions = []
    for item in task.journal.fetch(keys):
        try:
            transactions.append(Transaction.from_item(item))
        except MalformedItemError as error:
            task.set_aside(item, str(error))
    return transactions


def _is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def _evidence(task: Sweep, origin: str, heartbeat: datetime | None) -> datetime | None:
    """Record what this sweep saw of the origin, and return how far the mark may rise on it.

    It may rise to a heartbeat seen at least the margin ago, and only while every sweep since has seen fresh ones: by
    then what the origin recorded before that heartbeat has arrived. A gap proves nothing: evidence starts
    anew after one. Only what this Region saw counts: what had arrived elsewhere may not have arrived here.
    """
    patience = 3 * task.interval
    last = task.ledger.run(
        "SELECT max(observed_at) FROM ledger.sweep_observations WHERE observer = :observer AND origin = :origin",
        observer=task.region,
        origin=origin,
    )[0][0]
    fresh = heartbeat is not None and task.now - heartbeat <= patience
    if not fresh or (last is not None and task.now - last > patience):
        task.ledger.run(
            "DELETE FROM ledger.sweep_observations WHERE observer = :observer AND origin = :origin",
            observer=task.region,
            origin=origin,
        )
    if not fresh:
        return None
    task.ledger.run(
        "INSERT INTO ledger.sweep_observations (observer, origin, observed_at, heartbeat_at) "
        "VALUES (:observer, :origin, :now, :heartbeat) ON CONFLICT DO NOTHING",
        observer=task.region,
        origin=origin,
        now=task.now,
        heartbeat=heartbeat,
    )
    oldest_allowed = task.now - task.margin
    seen: datetime | None = task.ledger.run(
        "SELECT max(heartbeat_at) FROM ledger.sweep_observations "
        "WHERE observer = :observer AND origin = :origin AND observed_at <= :before",
        observer=task.region,
        origin=origin,
        before=oldest_allowed,
    )[0][0]
    task.ledger.run(
        "DELETE FROM ledger.sweep_observations "
        "WHERE observer = :observer AND origin = :origin AND observed_at < :before",
        observer=task.region,
        origin=origin,
        before=oldest_allowed - patience,
    )
    return seen - SLACK if seen else None
