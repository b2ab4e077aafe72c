"""What was in quarantine and is right by now gets into a real ledger exactly once, and stays there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tandem_runtime.shared.ledger import insert_or_reject, missing, verify
from tandem_runtime.shared.quarantine import Kept
from tandem_runtime.sweeper.release import look_again
from tests.sql.database import contents, transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tandem_runtime.shared.ledger_connection import LedgerConnection
    from tandem_runtime.shared.transaction import Transaction
    from tests.sql.database import Pair

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
MARGIN = timedelta(hours=1)


class Journal:
    """What the journal holds, by key."""

    def __init__(self, *transactions: Transaction) -> None:
        self.items: dict[str, dict[str, Any]] = {each.to_item()["pk"]["S"]: each.to_item() for each in transactions}

    def fetch(self, keys: Iterable[str]) -> Iterator[Mapping[str, Any]]:
        return (self.items[key] for key in keys if key in self.items)


class Quarantine:
    """Images in quarantine, by name."""

    def __init__(self, *names: str) -> None:
        self.kept = {name: Kept(name, name.rpartition("#")[0]) for name in names}

    def everything(self) -> Iterator[Kept]:
        return iter(list(self.kept.values()))

    def release(self, kept: Kept, now: datetime) -> None:
        self.kept[kept.name] = Kept(kept.name, kept.key, now)

    def hold(self, kept: Kept) -> None:
        self.kept[kept.name] = Kept(kept.name, kept.key)

    def forget(self, kept: Kept) -> None:
        del self.kept[kept.name]


def key(number: int) -> str:
    return str(transaction(number).to_item()["pk"]["S"])


def look(quarantine: Quarantine, journal: Journal, ledger: LedgerConnection, *asked: str, after: float = 0) -> Any:
    now = NOW + timedelta(seconds=after)
    return look_again(quarantine, journal, ledger, now=now, margin=MARGIN, asked=asked.__contains__)


def test_a_corrected_item_is_released_once_and_every_image_of_it(ledger: LedgerConnection) -> None:
    quarantine = Quarantine(f"{key(1)}#old", f"{key(1)}#older", f"{key(2)}#other")
    found = look(quarantine, Journal(transaction(1), transaction(2)), ledger, key(1))
    assert (found.released, found.staying, found.still_held) == ([key(1)], {}, 1)
    assert contents(ledger) == (1, 2, 0)
    look(quarantine, Journal(transaction(1)), ledger, key(1))
    assert contents(ledger) == (1, 2, 0)


def test_what_is_still_malformed_stays_and_says_why(ledger: LedgerConnection) -> None:
    quarantine, journal = Quarantine(f"{key(1)}#image"), Journal(transaction(1))
    journal.items[key(1)]["amount"] = {"N": "0"}
    found = look(quarantine, journal, ledger, key(1))
    assert list(found.staying) == [key(1)]
    assert "amount" in found.staying[key(1)]
    assert (found.released, found.still_held) == ([], 1)
    assert contents(ledger) == (0, 0, 0)


def test_what_the_journal_no_longer_holds_is_released(ledger: LedgerConnection) -> None:
    found = look(Quarantine(f"{key(1)}#image", "unknown#image"), Journal(), ledger, key(1), "unknown")
    assert (found.released, found.staying, found.still_held) == ([key(1), "unknown"], {}, 0)


def test_another_payload_than_the_ledgers_is_a_conflict_and_released(ledger: LedgerConnection) -> None:
    insert_or_reject(ledger, [transaction(1)])
    found = look(Quarantine(f"{key(1)}#image"), Journal(transaction(1, payload_hash="f" * 64)), ledger, key(1))
    assert found.released == [key(1)]
    assert ledger.run("SELECT count(*) FROM ledger.conflicts") == [[1]]
    assert contents(ledger) == (1, 2, 0)


def test_a_release_is_removed_after_the_margin_and_made_good_where_a_failover_dropped_it(
    ledger: LedgerConnection, servers: Pair
) -> None:
    quarantine, journal = Quarantine(f"{key(1)}#image"), Journal(transaction(1))
    look(quarantine, journal, ledger, key(1))
    other = servers.connect(servers.writer, servers.fresh())  # the branch that a forced failover left
    assert look(quarantine, journal, other, after=600).still_held == 0
    assert contents(other) == (1, 2, 0)
    assert list(quarantine.kept) == [f"{key(1)}#image"]
    look(quarantine, journal, other, after=MARGIN.total_seconds())
    assert quarantine.kept == {}
    assert contents(other) == (1, 2, 0)
    other.close()


def test_a_rejection_is_released_when_a_migration_accepts_it_and_stays_as_history(
    servers: Pair, ledger: LedgerConnection, database: str
) -> None:
    refused = transaction(1, debit_account="barred")
    quarantine, journal = Quarantine(f"{key(1)}#image"), Journal(refused)
    with servers.administer(servers.writer, database) as owner:
        owner.run("ALTER TABLE ledger.transactions ADD CONSTRAINT barred CHECK (debit_account <> 'barred')")
        assert [each.transaction for each in insert_or_reject(ledger, [refused])[1]] == [refused]
        found = look(quarantine, journal, ledger, key(1))
        assert "barred" in found.staying[key(1)]
        assert found.still_held == 1
        owner.run("ALTER TABLE ledger.transactions DROP CONSTRAINT barred")
    assert missing(ledger, [refused.transaction_id]) == []
    assert missing(ledger, [refused.transaction_id], rejected=True) == [refused.transaction_id]
    found = look(quarantine, journal, ledger, key(1))
    assert (found.released, found.still_held) == ([key(1)], 0)
    look(quarantine, journal, ledger, key(1))
    assert contents(ledger) == (1, 2, 0)
    assert ledger.run("SELECT count(*) FROM ledger.rejections") == [[1]]


def test_a_release_is_taken_back_where_a_restored_ledger_rejects_the_item(
    servers: Pair, ledger: LedgerConnection
) -> None:
    quarantine, journal = Quarantine(f"{key(1)}#image"), Journal(transaction(1, debit_account="barred"))
    assert look(quarantine, journal, ledger, key(1)).still_held == 0
    restored = servers.fresh()
    with servers.administer(servers.writer, restored) as owner:
        owner.run("ALTER TABLE ledger.transactions ADD CONSTRAINT barred CHECK (debit_account <> 'barred')")
    other = servers.connect(servers.writer, restored)
    assert look(quarantine, journal, other, after=600).still_held == 1
    other.close()


def test_a_rejection_accounts_for_the_payload_that_was_rejected_only(ledger: LedgerConnection) -> None:
    refused = transaction(1, currency="XXX")
    corrected = transaction(1, payload_hash="f" * 64)
    insert_or_reject(ledger, [refused])
    assert verify(ledger, [refused]).missing == frozenset()
    assert verify(ledger, [corrected]).missing == {0}
    insert_or_reject(ledger, [corrected])
    assert verify(ledger, [corrected]).missing == frozenset()
    refused_again = transaction(2, currency="XXX", payload_hash="a" * 64)
    insert_or_reject(ledger, [transaction(2, currency="XXX"), transaction(3)])
    insert_or_reject(ledger, [refused_again])
    assert verify(ledger, [refused_again]).missing == frozenset()
