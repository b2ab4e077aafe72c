"""Insert-or-verify on a real ledger: redelivered, racing, killed, refused."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tandem_runtime.projector.logic import REPLACED, Record, project
from tandem_runtime.shared.ledger import insert, insert_or_reject, verify
from tandem_runtime.shared.transaction import MalformedItemError, Transaction
from tests.sql.database import contents, transaction

if TYPE_CHECKING:
    from tandem_runtime.shared.ledger_connection import LedgerConnection
    from tests.sql.database import Pair


def records(*transactions: Transaction) -> list[Record]:
    return [Record(str(number), each) for number, each in enumerate(transactions)]


def never() -> bool:
    return False


def test_a_redelivered_batch_posts_nothing(ledger: LedgerConnection) -> None:
    batch = records(*(transaction(number) for number in range(50)))
    assert [project(batch, ledger, never).inserted for _ in range(3)] == [50, 0, 0]
    assert contents(ledger) == (50, 100, 0)


def test_a_batch_that_holds_a_transaction_twice_posts_it_once(ledger: LedgerConnection) -> None:
    assert project(records(transaction(1), transaction(2), transaction(1)), ledger, never).inserted == 2
    assert contents(ledger) == (2, 4, 0)


def test_balances_are_the_sums_of_entries_after_batches_that_overlap(ledger: LedgerConnection) -> None:
    chosen = random.Random(7)  # noqa: S311 - which accounts, not a secret
    names = [f"account-{number}" for number in range(6)]
    known = []
    for number in range(120):
        debit, credit = chosen.sample(names, 2)
        currency = chosen.choice(["EUR", "JPY", "KWD"])
        known.append(transaction(number, debit_account=debit, credit_account=credit, currency=currency))
    for _ in range(25):
        project(records(*chosen.choices(known, k=20)), ledger, never)
    project(records(*known), ledger, never)
    assert contents(ledger) == (120, 240, 0)
    assert ledger.run("SELECT currency FROM ledger.balances GROUP BY currency HAVING sum(balance) <> 0") == []


def test_another_payload_under_the_same_id_is_refused_recorded_and_never_present(ledger: LedgerConnection) -> None:
    project(records(transaction(1)), ledger, never)
    other = transaction(1, payload_hash="f" * 64, amount=999)
    assert verify(ledger, [other]).conflicting == {0}
    assert project(records(other), ledger, never).conflicts == 1
    assert project(records(other), ledger, never).conflicts == 0
    assert contents(ledger) == (1, 2, 0)
    assert ledger.run("SELECT amount FROM ledger.entries WHERE amount > 0") == [[2]]
    [[image]] = ledger.run("SELECT image FROM ledger.conflicts")
    assert Transaction.from_item(image) == other


def test_an_image_that_was_replaced_is_kept_beside_the_one_held(ledger: LedgerConnection) -> None:
    old, new = transaction(1), transaction(1, payload_hash="f" * 64, amount=999)
    outcome = project([Record("1", new, old)], ledger, never)
    assert (outcome.conflicts, outcome.quarantined) == (2, [(old.to_item(), REPLACED)])
    assert contents(ledger) == (1, 2, 0)


def test_projectors_of_the_same_batch_at_the_same_time_post_it_once(servers: Pair, database: str) -> None:
    batches = [[transaction(number) for number in range(start, start + 200)] for start in (0, 100, 0, 100)]
    counts: list[int] = []
    together = threading.Barrier(len(batches))

    def run(batch: list[Transaction]) -> None:
        connection = servers.connect(servers.writer, database)
        assert connection.replica is False
        together.wait()
        counts.append(project(records(*batch), connection, never).inserted)
        connection.close()

    threads = [threading.Thread(target=run, args=(batch,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with servers.administer(servers.writer, database) as owner:
        assert contents(owner) == (300, 600, 0)
    assert sum(counts) == 300


def test_a_projector_killed_in_its_transaction_leaves_nothing_behind(servers: Pair, database: str) -> None:
    victim, survivor = (servers.connect(servers.writer, database) for _ in range(2))
    victim.run("START TRANSACTION")
    insert(victim, [transaction(number) for number in range(20)])
    [[pid]] = victim.run("SELECT pg_backend_pid()")
    finished = threading.Event()

    def survive() -> None:
        project(records(*(transaction(number) for number in range(20))), survivor, never)
        finished.set()

    waiting = threading.Thread(target=survive)
    waiting.start()
    with servers.writer._administer(database) as administrator:  # noqa: SLF001 - only it may end others' sessions
        while not administrator.run("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):
            assert not finished.is_set()
        administrator.run("SELECT pg_terminate_backend(:pid)", pid=pid)
        waiting.join()
        assert contents(administrator) == (20, 40, 0)
    outcome = project(records(transaction(0)), victim, never)
    assert (outcome.inserted, outcome.failed) == (0, "0")  # the connection was lost, so the record is delivered again
    assert project(records(transaction(0)), victim, never).failed is None
    for each in (victim, survivor):
        each.close()


def test_a_connection_that_the_database_ended_between_two_invocations_is_not_used_again(
    servers: Pair, database: str
) -> None:
    connection = servers.connect(servers.writer, database)
    for expected in ("0", None):  # what an invocation is told that finds out by itself, and one that asks first
        [[pid]] = connection.run("SELECT pg_backend_pid()")
        with servers.writer._administer(database) as administrator:  # noqa: SLF001 - only it may end others' sessions
            administrator.run("SELECT pg_terminate_backend(:pid, 5000)", pid=pid)
        if expected is None:
            connection.close_if_dropped()
        assert project(records(transaction(0)), connection, never).failed == expected
        connection.run("SELECT 1")
    connection.close()


def test_a_connection_that_lives_is_kept(ledger: LedgerConnection) -> None:
    pid = ledger.run("SELECT pg_backend_pid()")
    ledger.close_if_dropped()
    assert ledger.run("SELECT pg_backend_pid()") == pid


@pytest.mark.parametrize("in_transaction", [False, True])
def test_what_only_the_database_refuses_is_rejected_there_and_holds_up_nothing(
    ledger: LedgerConnection, *, in_transaction: bool
) -> None:
    batch = [transaction(number, currency="XXX" if number in (3, 17) else "EUR") for number in range(40)]
    if in_transaction:
        ledger.run("START TRANSACTION")
    done, rejected = insert_or_reject(ledger, batch, [batch[5]], in_transaction=in_transaction)
    if in_transaction:
        ledger.run("COMMIT")
    assert done.new == 38
    assert [each.transaction for each in rejected] == [batch[3], batch[17]]
    assert contents(ledger) == (38, 76, 0)
    assert verify(ledger, batch).missing == frozenset()


_TEXT = st.text(max_size=60)
_ODD_TEXTS = [
    "EUR", "JPY", "a", "b", "{}", '{"a":"\\ud800"}', '{"a":"\\u0000"}', "[" * 5_000, "2026-W01-1T00:00:00Z",
    "2026-02-30T00:00:00.000000Z", "0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z",
    "2026-01-01T24:00:00.000000Z",
]  # fmt: skip
_ODD_VALUES: list[Any] = [
    {"N": "1E3"}, {"N": "9" * 5_000}, {"N": "1_0"}, {"N": "0.5"}, {"NULL": True}, {"BOOL": True}, {"L": []}, {"M": {}},
    {"B": "AA=="}, {}, None, "text", 7,
]  # fmt: skip
_VALUES = st.one_of(
    st.builds(lambda text: {"S": text}, st.one_of(_TEXT, st.sampled_from(_ODD_TEXTS))),
    st.builds(lambda number: {"N": str(number)}, st.integers(-(10**18), 10**18)),
    st.sampled_from(_ODD_VALUES),
)
_ITEMS = st.builds(
    lambda number, changes, gone: {
        name: value for name, value in {**transaction(number).to_item(), **changes}.items() if name not in gone
    },
    st.integers(0, 10**6),
    st.dictionaries(st.sampled_from(sorted(set(transaction(0).to_item()) - {"pk"})), _VALUES, max_size=2),
    st.sets(st.sampled_from(sorted(set(transaction(0).to_item()) - {"pk"})), max_size=1),
)


@given(st.lists(_ITEMS, max_size=8))
@settings(
    derandomize=True, database=None, deadline=None, max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
def test_whatever_is_let_through_is_taken_by_the_database(ledger: LedgerConnection, items: list[Any]) -> None:
    transactions = []
    for item in items:
        try:
            transactions.append(Transaction.from_item(item))
        except MalformedItemError:
            continue
    if transactions:
        assert insert_or_reject(ledger, transactions, transactions)[1] == []
        assert contents(ledger)[2] == 0
