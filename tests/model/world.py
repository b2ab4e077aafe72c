"""The world has clients, two Regions and everything that can happen to them, with the production code in the middle.

The world plays what AWS would do around that code: it holds each Region's stream checkpoint as Lambda's event source
mapping does, starts sweeps, loses Regions, fails ledgers over. Nothing happens on its own, the time included.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from itertools import repeat
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from contract.journal import key_of
from tandem_runtime.projector.logic import Outcome, parse, project
from tandem_runtime.shared.clients import call_errors
from tandem_runtime.shared.heartbeats import Heartbeats
from tandem_runtime.shared.journal import Journal, Page
from tandem_runtime.shared.ledger_errors import LedgerUnavailableError
from tandem_runtime.shared.problems import Problem
from tandem_runtime.shared.quarantine import Quarantine
from tandem_runtime.sweeper.evidence import SLACK, Observations
from tandem_runtime.sweeper.logic import Asked, Swept, sweep
from tandem_runtime.sweeper.ports import Sweep
from tandem_runtime.transactions.logic import post
from tandem_runtime.transactions.request import transaction_id_of, transaction_of
from tests.model.ledgers import REFUSED, REPLICA, SUPERSEDED, Ledgers
from tests.model.regions import REGIONS, Aws, Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tandem_runtime.shared.journal import Entry
    from tandem_runtime.shared.transaction import Transaction
    from tandem_runtime.sweeper.evidence import Seen
    from tests.model.regions import Shard
    from tests.sql.database import Pair

__all__ = ["Runtime", "World"]

CALLER = "client"
INTERVAL = timedelta(minutes=1)
MARGIN = timedelta(minutes=1)
PATIENCE = 3 * INTERVAL
OVERLAP = timedelta(seconds=5)
SLICE_ITEMS = 2
REFUSED_PAYLOAD = 9
"""The payload that the ledger's database refuses."""


def body_of(key: str, payload: int) -> dict[str, Any]:
    """A request: each key has payloads 0, 1, … of its own."""
    number = sum(key.encode())
    accounts = ["alice", "bob", "carol", "dave"]
    return {
        "debit_account": accounts[number % 4],
        "credit_account": accounts[(number + 1 + payload % 3) % 4],
        "amount": str(100 * payload + number),
        "currency": ("JPY", "KRW")[payload % 2],
        "description": REFUSED if payload == REFUSED_PAYLOAD else "",
    }


def transaction_for(key: str, payload: int) -> Transaction:
    """Return what the API makes of it, apart from time and Region."""
    return transaction_of(
        body_of(key, payload),
        transaction_id=transaction_id_of(CALLER, key),
        origin=REGIONS[0],
        recorded_at="",
        caller=CALLER,
    )


@dataclass(frozen=True)
class Acknowledged:
    """One answer that a client has."""

    key: str
    payload: int
    region: int
    body: dict[str, Any]


@dataclass
class Runtime:
    """The code under test. A mutant replaces a part of it, and nothing in production knows of that."""

    project: Callable[..., Outcome] = project
    sweep: Callable[..., Swept] = sweep
    ledger: Callable[[Any], Any] = lambda connection: connection
    journal: Callable[[Any], Any] = lambda journal: journal
    replaced: Mapping[str, object] = field(default_factory=dict)
    """What takes the place of which attribute of the modules below `tandem_runtime.sweeper` while a sweep runs."""


@dataclass
class Breaking:
    """A ledger whose connection breaks after some statements, before the answer of the next."""

    ledger: Any
    left: int

    @property
    def replica(self) -> bool:
        return bool(self.ledger.replica)

    def run(self, sql: str, **parameters: object) -> list[list[Any]]:
        if self.left == 0:
            self.ledger.close()
            raise LedgerUnavailableError("the connection broke")
        self.left -= 1
        rows: list[list[Any]] = self.ledger.run(sql, **parameters)
        return rows

    def close(self) -> None:
        self.ledger.close()


@dataclass
class LateIndex:
    """A journal whose time index does not show some items yet.

    Most minutes of a run are empty: what no item is in when a sweep begins is not asked for, because these questions
    would be most of what a run takes.
    """

    journal: Any
    late: set[str]
    items: Callable[[], Mapping[str, Mapping[str, Any]]]

    @cached_property
    def buckets(self) -> frozenset[str]:
        return frozenset(item["bucket"]["S"] for item in self.items().values())

    def entries_in(self, bucket: str, since: str, before: str) -> Iterator[Entry]:
        if bucket not in self.buckets:
            return iter(())
        return (each for each in self.journal.entries_in(bucket, since, before) if each.key not in self.late)

    def scan(self, segment: int, segments: int, after: str | None) -> Page:
        """A page of one item, as if it were large: a read of the table ends in the middle of a segment."""
        page = self.journal.scan(segment, segments, after)
        first = page.entries[:1]
        return Page(first, first[0].key) if len(page.entries) > 1 else page

    def __getattr__(self, name: str) -> Any:
        return getattr(self.journal, name)


@dataclass
class World:
    """One run: an empty journal, an empty ledger, two Regions."""

    aws: Aws
    pair: Pair
    runtime: Runtime = field(default_factory=Runtime)
    shards: int = 1

    def __post_init__(self) -> None:
        # imported here: truth needs the world's type
        from tests.model.truth import Truth  # noqa: PLC0415 - see above

        self.tables = Tables(self.aws, self.shards)
        self.ledgers = Ledgers(self.pair)
        self.now = datetime(2026, 1, 31, 12, tzinfo=UTC)
        self.lost: int | None = None
        self.cut = False
        self.acknowledged: list[Acknowledged] = []
        self.malformed: set[str] = set()
        self.unindexed: set[str] = set()
        self.truth = Truth(self)

    # ---- clients ----
    def post(
        self,
        region: int,
        key: str,
        payload: int = 0,
        *,
        clock_error: timedelta = timedelta(),
        after: timedelta = timedelta(seconds=1),
        late: bool = False,
    ) -> bool:
        """Send a transaction; says whether it was acknowledged.

        It is sent some time `after` what was before, or at the same moment. What is `late` is in the time index only
        from the next interval on.
        """
        self.now += after
        journal = Journal(self.aws.dynamodb[region], self.tables.journal)
        try:
            answer = post(
                body_of(key, payload),
                caller=CALLER,
                idempotency_key=key,
                origin=REGIONS[region],
                now=self.now - clock_error,
                journal=journal,
            )
        except Problem as problem:
            self.truth.of_a_refusal(problem, region, key, payload)
            return False
        except call_errors():
            assert region == self.lost, "a Region that is up did not answer"
            return False
        assert region != self.lost, "a Region that is lost answered"
        given = Acknowledged(key, payload, region, answer)
        self.truth.of_an_answer(given)
        self.acknowledged.append(given)
        if late:
            self.unindexed.add(key_of(answer["id"]))
        return True

    def write_around_the_api(self, region: int, key: str) -> None:
        """Put an item into the journal that no API would."""
        if region == self.lost:
            return
        self.now += timedelta(seconds=1)
        transaction_id = transaction_id_of(CALLER, f"malformed {key}")
        transaction = transaction_of(
            body_of(key, 0),
            transaction_id=transaction_id,
            origin=REGIONS[region],
            recorded_at=self.now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            caller=CALLER,
        )
        item = {**transaction.to_item(), "amount": {"N": "-1"}}
        self.aws.dynamodb[region].put_item(TableName=self.tables.journal, Item=item)
        self.malformed.add(key_of(transaction_id))

    # ---- streams ----
    def deliver(
        self,
        region: int,
        size: int = 100,
        *,
        shard: int | None = None,
        killed: bool = False,
        breaks_after: int | None = None,
    ) -> int | None:
        """Deliver a batch of a shard, or one of each, and advance checkpoints by what was done, which is returned.

        `killed` ends the function after its work and before Lambda hears of it. None: there was nothing to deliver.
        """
        if region == self.lost:
            return None
        self.tables.streams[region].read()
        counts = [self._deliver(region, each, size, killed, breaks_after) for each in self._shards(region, shard)]
        delivered = [count for count in counts if count is not None]
        return sum(delivered) if delivered else None

    def _deliver(self, region: int, shard: Shard, size: int, killed: bool, breaks_after: int | None) -> int | None:  # noqa: FBT001 - as given
        batch = shard.records[shard.checkpoint : shard.checkpoint + size]
        if not batch:
            return None
        done = self._project(region, batch, breaks_after)
        if killed:
            return 0
        self.truth.of_an_advance(region, batch[:done])
        shard.checkpoint += done
        return done

    def _shards(self, region: int, shard: int | None) -> list[Shard]:
        shards = self.tables.streams[region].shards
        return shards if shard is None else [shards[shard]]

    def deliver_again(self, region: int, back: int, *, shard: int | None = None) -> None:
        """Deliver records once more that were done: late, and beside the checkpoint."""
        if region == self.lost:
            return
        for each in self._shards(region, shard):
            self._project(region, each.records[max(0, each.checkpoint - back) : each.checkpoint], None)

    def trim(self, region: int, count: int, *, shard: int | None = None) -> None:
        """Records that were not read for 24 hours are gone: Lambda goes on after them without a word."""
        if region != self.lost:
            self.tables.streams[region].read()
            for each in self._shards(region, shard):
                each.checkpoint = min(each.checkpoint + count, len(each.records))

    def _project(self, region: int, batch: Sequence[dict[str, Any]], breaks_after: int | None) -> int:
        """As `projector.handler` does; returns how many records Lambda may take as processed."""
        self.ledgers.settle()
        ledger = self.runtime.ledger(self.ledgers.connection(region))
        records, malformed = parse(batch)
        outcome = self.runtime.project(
            records, ledger if breaks_after is None else Breaking(ledger, breaks_after), lambda: False
        )
        for item, reason in [*malformed, *outcome.quarantined]:
            self.quarantine(region).keep(item, reason)
        numbers = [record["dynamodb"]["SequenceNumber"] for record in batch]
        return len(batch) if outcome.failed is None else numbers.index(outcome.failed)

    # ---- time ----
    def pass_time(self, sweeping: Sequence[int] = (0, 1), **how: Any) -> None:
        """One interval: each Region that lives beats, and its sweeper runs if it is among `sweeping`.

        The index is an interval late at most, which is less than slack and margin.
        """
        late = frozenset(self.unindexed)
        self.now += INTERVAL
        for region in (0, 1):
            if region != self.lost:
                Heartbeats(self.aws.dynamodb[region], self.tables.operational).beat(
                    REGIONS[region], self.now.timestamp(), endpoint=""
                )
        if not self.cut and self.lost is None:
            self.aws.everything_arrived()
        self.aws.reads_caught_up()  # within a Region they are late by less than an interval, whatever is cut
        for region in sweeping:
            self.sweep(region, **how)
        self.unindexed -= late

    def sweep(
        self,
        region: int,
        asked: Asked | None = None,
        *,
        slices: int | None = None,
        breaks_after: int | None = None,
    ) -> bool:
        """As `sweeper.handler` does; says whether it swept.

        A run has time for so many `slices`. Its connection breaks after so many statements.
        """
        if region == self.lost:
            return False
        seen = self._look(region)
        ledger = self.runtime.ledger(self.ledgers.connection(region))
        if breaks_after is not None:
            ledger = Breaking(ledger, breaks_after)
        budget = iter(range(slices)) if slices is not None else repeat(0)
        task = Sweep(
            region=REGIONS[region],
            journal=self.runtime.journal(
                LateIndex(
                    Journal(self.aws.dynamodb[region], self.tables.journal),
                    self.unindexed,
                    partial(self.tables.items, region),
                )
            ),
            ledger=ledger,
            quarantine=self.quarantine(region).keep,
            seen=seen,
            now=self.now,
            more=lambda: next(budget, None) is not None,
            overlap=OVERLAP,
            slice_items=SLICE_ITEMS,
        )
        try:
            with self._replaced():
                if ledger.replica:
                    ledger.close()
                    return False
                self.runtime.sweep(task, REGIONS, asked)
        except LedgerUnavailableError:
            return False
        finally:
            self._look_at_marks(region)
        return True

    def _look(self, region: int) -> dict[str, Seen]:
        heartbeats = Heartbeats(self.aws.dynamodb[region], self.tables.operational)
        observations = Observations(
            self.aws.dynamodb[region], self.tables.operational, observer=REGIONS[region], margin=MARGIN
        )
        seen = {}
        for origin in REGIONS:
            at = heartbeats.latest(origin)
            heartbeat = datetime.fromtimestamp(at, UTC) if at is not None else None
            seen[origin] = observations.look(origin, heartbeat, self.now, patience=PATIENCE)
        return seen

    @contextmanager
    def _replaced(self) -> Iterator[None]:
        with ExitStack() as stack:
            for name, value in self.runtime.replaced.items():
                stack.enter_context(patch(f"tandem_runtime.sweeper.{name}", value))
            yield

    def _look_at_marks(self, region: int) -> None:
        """Look at the marks themselves, also where a sweep broke half way: what is committed counts."""
        if self.ledgers.roles[region] == REPLICA or not self.ledgers.nodes[region].running:
            return
        for origin, mark in self.ledgers.rows(region, "SELECT origin, mark FROM ledger.sweep_marks"):
            self.truth.of_a_mark(region, origin, mark)

    def quarantine(self, region: int) -> Quarantine:
        return Quarantine(self.aws.dynamodb[region], self.tables.operational, REGIONS[region])

    # ---- faults ----
    def cut_journal(self) -> None:
        """Replicate nothing between the two replicas of the tables."""
        self.cut = True
        self.aws.control.partition(on=True)

    def mend_journal(self) -> None:
        self.cut = False
        self.aws.control.partition(on=False)
        if self.lost is None:
            self.aws.everything_arrived()

    def partition(self) -> None:
        """Neither tables nor ledgers see each other; both Regions serve."""
        self.cut_journal()
        self.ledgers.hold()

    def lose(self, region: int) -> None:
        """A Region with all that it runs."""
        self.lost = region
        self.aws.control.lose(REGIONS[region])
        self.ledgers.kill(region)

    def bring_back(self) -> None:
        assert self.lost is not None
        region, self.lost = self.lost, None
        self.aws.control.restore(REGIONS[region])
        if not self.cut:
            self.aws.everything_arrived()
        self.ledgers.start(region)

    # ---- the end ----
    def converge(self) -> None:
        """Repair everything, drain the streams, sweep until the marks vouch for all, and look."""
        if self.lost is not None:
            self.bring_back()
        self.mend_journal()
        if SUPERSEDED in self.ledgers.roles:
            self.ledgers.rejoin()
        self.ledgers.release()
        for region in (self.ledgers.writer, 1 - self.ledgers.writer):
            while self.deliver(region):
                pass
        for _ in range((2 * MARGIN + SLACK) // INTERVAL + 3):
            self.pass_time()
        self.aws.everything_arrived()
        for region in (self.ledgers.writer, 1 - self.ledgers.writer):
            while self.deliver(region):  # what was quarantined or inserted meanwhile may have unblocked a replica
                pass
        self.ledgers.settle()
        self.truth.of_the_end()

    def close(self) -> None:
        """Leave both Regions and both nodes as they were found."""
        if self.lost is not None:
            self.aws.control.restore(REGIONS[self.lost])
            self.lost = None
        self.mend_journal()
        self.ledgers.put_back()
        self.tables.drop()

    @property
    def whole(self) -> bool:
        """Whether a planned operation may begin."""
        return self.lost is None and REPLICA in self.ledgers.roles and self.ledgers.replicates
