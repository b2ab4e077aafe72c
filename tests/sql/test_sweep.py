"""The sweep's slices in a real ledger: what they insert, what they lock, how they are resumed."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from contract.journal import BUCKETS_PER_MINUTE, key_of
from tandem_runtime.shared.ledger import insert, insert_or_reject
from tandem_runtime.shared.ledger_errors import LedgerUnavailableError
from tandem_runtime.sweeper.evidence import PATIENCE, SLACK, Seen
from tandem_runtime.sweeper.lag import Lag, positions
from tandem_runtime.sweeper.logic import Asked, Swept, sweep
from tandem_runtime.sweeper.ports import OVERLAP, Sweep
from tests.sql.database import contents, transaction
from tests.sql.journals import MemoryJournal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tandem_runtime.shared.ledger_connection import LedgerConnection
    from tandem_runtime.shared.transaction import Transaction
    from tests.sql.database import Pair

HOME, AWAY = "us-east-1", "us-west-2"
NOW = datetime(2026, 1, 1, 12, 0, 30, tzinfo=UTC)
MARK = NOW - timedelta(minutes=20)


def at(number: int, moment: datetime, **changes: Any) -> Transaction:
    return transaction(number, recorded_at=moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), **changes)


def counted(slices: int) -> Callable[[], bool]:
    """Time for so many slices."""
    left = iter(range(slices))
    return lambda: next(left, None) is not None


def task(journal: MemoryJournal, ledger: Any, **given: Any) -> Sweep:
    quarantined = given.pop("quarantined", [])
    seen = {HOME: Seen(heartbeat=given.pop("heartbeat", NOW), risen=given.pop("risen", None))}
    settings = {"region": HOME, "now": NOW, "slice_items": 4, **given}
    return Sweep(
        journal=journal,
        ledger=ledger,
        seen=seen,
        quarantine=lambda item, reason: quarantined.append((item["pk"]["S"], reason)),
        **settings,
    )


def swept(journal: MemoryJournal, ledger: Any, asked: Asked | None = None, **given: Any) -> tuple[Sweep, Swept]:
    made = task(journal, ledger, **given)
    return made, sweep(made, [HOME], asked)


def with_mark(ledger: LedgerConnection, mark: datetime = MARK) -> None:
    ledger.run("INSERT INTO ledger.sweep_marks VALUES (:origin, :mark, :mark)", origin=HOME, mark=mark)


def mark_of(ledger: LedgerConnection) -> datetime | None:
    rows = ledger.run("SELECT mark FROM ledger.sweep_marks")
    return rows[0][0] if rows else None


def cursor_of(ledger: LedgerConnection, observer: str = HOME) -> Any:
    rows = ledger.run("SELECT swept_until FROM ledger.sweep_cursors WHERE observer = :observer", observer=observer)
    return rows[0][0] if rows else None


def test_a_sweep_reads_nothing_that_its_mark_vouches_for_and_fetches_only_what_is_missing(
    ledger: LedgerConnection,
) -> None:
    transactions = [at(number, NOW - timedelta(seconds=number)) for number in range(1, 7_200, 20)]
    after = [each for each in transactions if datetime.fromisoformat(each.recorded_at) >= MARK]
    insert(ledger, after[1:])
    with_mark(ledger)
    journal = MemoryJournal(*transactions)
    made, outcome = swept(journal, ledger)
    minutes = {bucket.split("#")[1] for bucket, _, _ in journal.asked}
    assert (min(minutes), max(minutes)) == (MARK.strftime("%Y-%m-%dT%H:%M"), NOW.strftime("%Y-%m-%dT%H:%M"))
    assert len(journal.asked) == len(set(journal.asked)) == len(minutes) * BUCKETS_PER_MINUTE
    assert (journal.entries, made.read, made.inserted) == (len(after), len(after), 1)
    assert journal.fetched == [key_of(after[0].transaction_id)]
    assert (outcome.complete, mark_of(ledger), cursor_of(ledger)) == (True, MARK, NOW)


def test_what_was_read_early_is_read_once_more_below_the_mark_and_nothing_between(ledger: LedgerConnection) -> None:
    old = [at(number, MARK + timedelta(seconds=number)) for number in range(10)]
    between = [at(100 + number, MARK + timedelta(minutes=10, seconds=number)) for number in range(10)]
    journal = MemoryJournal(*old, *between)
    with_mark(ledger)
    swept(journal, ledger)
    journal.entries = 0
    made, _ = swept(journal, ledger, risen=MARK + timedelta(minutes=1), now=NOW + timedelta(minutes=1))
    assert (journal.entries, made.read, made.inserted) == (10, 10, 0)
    assert mark_of(ledger) == MARK + timedelta(minutes=1)


def test_a_mark_never_passes_an_item_that_came_after_it_was_read_early(ledger: LedgerConnection) -> None:
    journal = MemoryJournal()
    with_mark(ledger)
    swept(journal, ledger)
    late = at(1, MARK + timedelta(seconds=5))
    journal.items[key_of(late.transaction_id)] = late.to_item()
    made, _ = swept(journal, ledger, risen=MARK + timedelta(minutes=1))
    assert (made.inserted, contents(ledger)) == (1, (1, 2, 0))


def test_the_cursor_stops_at_the_latest_heartbeat_and_the_overlap_is_read_again(ledger: LedgerConnection) -> None:
    heard = NOW - timedelta(minutes=5)
    with_mark(ledger)
    swept(MemoryJournal(), ledger, heartbeat=heard)
    assert cursor_of(ledger) == heard
    late = at(1, heard - OVERLAP + timedelta(seconds=1))
    made, _ = swept(MemoryJournal(late, at(2, heard)), ledger, heartbeat=heard)
    assert (made.inserted, cursor_of(ledger)) == (1, heard)


def test_a_slice_whose_position_another_sweep_has_moved_is_thrown_away(
    ledger: LedgerConnection, servers: Pair, database: str
) -> None:
    journal = MemoryJournal(at(1, MARK))
    with_mark(ledger)
    other = servers.connect(servers.writer, database)
    moved = MARK + timedelta(seconds=7)
    journal.before_fetch = lambda: (other.run("UPDATE ledger.sweep_marks SET mark = :moved", moved=moved), None)[1]
    outcome = swept(journal, ledger, risen=MARK + timedelta(minutes=1), heartbeat=None)[1]
    other.close()
    assert (outcome.complete, mark_of(ledger), contents(ledger)) == (False, moved, (0, 0, 0))


def test_of_two_sweeps_of_a_ledger_the_second_leaves_at_once(
    ledger: LedgerConnection, servers: Pair, database: str
) -> None:
    journal = MemoryJournal(at(1, MARK))
    with_mark(ledger)
    other = servers.connect(servers.writer, database)
    second: list[Swept] = []
    journal.before_fetch = lambda: second.append(swept(MemoryJournal(), other)[1])
    assert not swept(journal, ledger)[1].busy
    assert second[0].busy
    assert not swept(journal, other)[1].busy
    other.close()


def test_a_sweep_waits_for_the_journal_without_keeping_the_projector_waiting(
    ledger: LedgerConnection, servers: Pair, database: str
) -> None:
    journal = MemoryJournal(*(at(number, MARK + timedelta(seconds=number)) for number in range(12)))
    with_mark(ledger)
    projector = servers.connect(servers.writer, database)
    numbers = iter(range(100, 200))
    journal.before_fetch = lambda: (insert(projector, [transaction(next(numbers))]), None)[1]
    assert swept(journal, ledger)[1].complete
    projector.close()
    assert contents(ledger) == (12 + next(numbers) - 100, 2 * contents(ledger)[0], 0)


def test_a_sweep_and_a_projector_of_the_same_items_do_not_deadlock(
    ledger: LedgerConnection, servers: Pair, database: str
) -> None:
    items = [
        at(number, MARK + timedelta(seconds=number), debit_account="clearing", credit_account=f"a{number % 3}")
        for number in range(120)
    ]
    with_mark(ledger)
    projector = servers.connect(servers.writer, database)
    failures: list[Exception] = []

    def project() -> None:
        try:
            for first in range(0, 120, 5):
                insert_or_reject(projector, list(reversed(items[first : first + 5])))
        except LedgerUnavailableError as error:
            failures.append(error)

    thread = threading.Thread(target=project)
    thread.start()
    outcome = swept(MemoryJournal(*items), ledger, risen=NOW - timedelta(minutes=5))[1]
    thread.join()
    projector.close()
    assert (failures, outcome.complete, contents(ledger)) == ([], True, (120, 240, 0))


def test_a_refused_item_holds_up_neither_its_slice_nor_the_mark(ledger: LedgerConnection) -> None:
    items = [at(number, MARK + timedelta(seconds=number)) for number in range(6)]
    items[2] = at(2, MARK + timedelta(seconds=2), currency="XXX")
    with_mark(ledger)
    quarantined: list[Any] = []
    made, outcome = swept(
        MemoryJournal(*items), ledger, risen=MARK + timedelta(minutes=1), heartbeat=None, quarantined=quarantined
    )
    assert (outcome.complete, made.inserted, [key for key, _ in quarantined]) == (
        True, 5, [key_of(items[2].transaction_id)],
    )  # fmt: skip
    assert mark_of(ledger) == MARK + timedelta(minutes=1)


def test_another_payload_than_the_ledgers_is_recorded_before_a_mark_passes_it(ledger: LedgerConnection) -> None:
    insert(ledger, [at(1, MARK)])
    with_mark(ledger)
    swept(MemoryJournal(at(1, MARK, payload_hash="f" * 64)), ledger, risen=MARK + timedelta(minutes=1), heartbeat=None)
    assert ledger.run("SELECT payload_hash FROM ledger.conflicts") == [["f" * 64]]


def test_an_entry_that_tells_no_payload_has_its_item_fetched(ledger: LedgerConnection) -> None:
    with_mark(ledger)
    journal = MemoryJournal(at(1, MARK), told=False)
    insert(ledger, [at(1, MARK)])
    assert swept(journal, ledger)[1].complete
    assert journal.fetched == [key_of(at(1, MARK).transaction_id)]


# ---- reads that somebody asks for ----
def test_a_read_from_the_mark_is_continued_by_the_same_request_and_tries_again_what_was_rejected(
    ledger: LedgerConnection, servers: Pair, database: str
) -> None:
    items = [at(number, MARK + timedelta(seconds=number)) for number in range(12)]
    barred = at(20, MARK + timedelta(seconds=20), debit_account="barred")
    with_mark(ledger)
    with servers.administer(servers.writer, database) as owner:
        owner.run("ALTER TABLE ledger.balances ADD CONSTRAINT barred CHECK (account <> 'barred')")
        insert_or_reject(ledger, [barred])
        owner.run("ALTER TABLE ledger.balances DROP CONSTRAINT barred")
    journal = MemoryJournal(*items, barred)
    first = swept(journal, ledger, Asked(), more=counted(1))[1]
    assert (first.done, bool(first.request)) == (False, True)
    for _ in range(20):
        outcome = swept(journal, ledger, Asked(request=first.request), more=counted(4))[1]
        if outcome.done:
            break
    assert (outcome.done, outcome.request, contents(ledger)) == (True, first.request, (13, 26, 0))


# ---- the whole table ----
def many(count: int = 40) -> MemoryJournal:
    return MemoryJournal(*(at(number, MARK + timedelta(seconds=number)) for number in range(count)))


def test_a_read_of_the_table_is_interrupted_five_times_and_reads_each_item_once(ledger: LedgerConnection) -> None:
    journal = many()
    request = swept(journal, ledger, Asked(whole=True), more=counted(2))[1].request
    for _ in range(4):
        outcome = swept(journal, ledger, Asked(whole=True), more=counted(3))[1]
        assert (outcome.done, outcome.request) == (False, request)
    outcome = swept(journal, ledger, Asked(whole=True, request=request))[1]
    assert outcome.done
    assert outcome.progress is not None
    assert (outcome.progress["read"], outcome.progress["inserted"], len(journal.scanned)) == (40, 40, 40)
    assert contents(ledger) == (40, 80, 0)
    swept(journal, ledger, Asked(whole=True, request=request))
    assert len(journal.scanned) == 40


def test_a_ledger_gets_its_mark_from_a_read_of_the_table_as_the_evidence_was_when_it_began(
    ledger: LedgerConnection,
) -> None:
    journal = many()
    began = MARK + timedelta(minutes=1)
    swept(journal, ledger, risen=began, more=counted(3))
    assert mark_of(ledger) is None
    swept(journal, ledger, risen=MARK + timedelta(minutes=2), now=NOW + timedelta(minutes=1))
    assert (mark_of(ledger), contents(ledger)) == (began, (40, 80, 0))


def test_a_read_without_evidence_sets_no_mark_and_is_not_repeated_before_there_is_some(
    ledger: LedgerConnection,
) -> None:
    journal = many()
    for minute in range(3):
        swept(journal, ledger, now=NOW + timedelta(minutes=minute))
    assert (mark_of(ledger), len(journal.scanned), contents(ledger)) == (None, 40, (40, 80, 0))
    swept(journal, ledger, now=NOW + timedelta(minutes=3), risen=MARK)
    assert (mark_of(ledger), len(journal.scanned)) == (MARK, 80)


@pytest.mark.parametrize(
    "given", [{"region": AWAY}, {"now": NOW + PATIENCE + timedelta(minutes=1)}], ids=["elsewhere", "much later"]
)
def test_another_region_and_a_read_that_stood_still_begin_anew(ledger: LedgerConnection, given: Any) -> None:
    journal = many()
    swept(journal, ledger, risen=MARK, more=counted(3))
    seen = len(journal.scanned)
    assert seen
    swept(journal, ledger, risen=MARK + SLACK, **given)
    assert (len(journal.scanned), mark_of(ledger)) == (seen + 40, MARK + SLACK)


def test_a_read_that_is_asked_for_takes_the_place_of_the_sweepers_own(ledger: LedgerConnection) -> None:
    journal = many()
    swept(journal, ledger, more=counted(3))
    seen = len(journal.scanned)
    assert swept(journal, ledger, Asked(whole=True))[1].done
    assert len(journal.scanned) == seen + 40


# ---- what is told of it ----
@pytest.mark.parametrize(("since", "told"), [(NOW - timedelta(hours=3), 10_800.0), (NOW, 1.0), (None, NOW.timestamp())])
def test_an_origin_without_a_mark_has_none_since_it_was_first_heard_of(
    ledger: LedgerConnection, since: datetime | None, told: float
) -> None:
    seen = {HOME: Seen(heartbeat=NOW, risen=None, since=since)}
    assert positions(ledger, seen, NOW)[HOME].mark_age == told


def test_a_mark_has_no_age_once_nothing_lies_above_it_and_its_own_before(ledger: LedgerConnection) -> None:
    seen = {HOME: Seen(heartbeat=NOW, risen=None), AWAY: Seen(heartbeat=None, risen=None)}
    with_mark(ledger)
    swept(MemoryJournal(at(1, MARK + timedelta(minutes=1))), ledger)
    assert positions(ledger, seen, NOW) == {HOME: Lag(1_200.0, 0.0)}
    later = {HOME: Seen(heartbeat=NOW + timedelta(minutes=3), risen=None)}
    assert positions(ledger, later, NOW)[HOME].lag == 180
    ledger.run("UPDATE ledger.sweep_marks SET mark = :mark", mark=MARK + timedelta(minutes=2))
    assert positions(ledger, seen, NOW)[HOME].mark_age == 0
