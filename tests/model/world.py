"""The world has clients, two Regions and everything that can happen to them, with the production code in the middle.

The world plays what AWS would do around that code: it holds each Region's stream checkpoint as Lambda's event source
mapping does, starts sweeps, loses Regions, fails ledgers over. Nothing happens on its own, the time included.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from contract.journal import key_of
from tandem_runtime.projector.logic import Outcome, parse, project
from tandem_runtime.shared.clients import call_errors
from tandem_runtime.shared.heartbeats import Heartbeats
from tandem_runtime.shared.journal import Journal
from tandem_runtime.shared.ledger_errors import LedgerUnavailableError
from tandem_runtime.shared.problems import Problem
from tandem_runtime.shared.quarantine import Quarantine
from tandem_runtime.sweeper.logic import SLACK, Sweep, sweep
from tandem_runtime.transactions.logic import post
from tandem_runtime.transactions.request import transaction_id_of, transaction_of
from tests.model.ledgers import REFUSED, REPLICA, SUPERSEDED, Ledgers
from tests.model.regions import REGIONS, Aws, Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tandem_runtime.shared.transaction import Transaction
    from tests.sql.database import Pair

__all__ = ["Runtime", "World"]

CALLER = "client"
INTERVAL = timedelta(seconds=30)
MARGIN = timedelta(seconds=30)
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
        body_of(key, payload), transaction_id=transaction_id_of(CALLER, key), origin=REGIONS[0], recorded_at=""
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
    sweep: Callable[..., datetime | None] = sweep
    ledger: Callable[[Any], Any] = lambda connection: connection


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
class World:
    """One run: an empty journal, an empty ledger, two Regions."""

    aws: Aws
    pair: Pair
    runtime: Runtime = field(default_factory=Runtime)

    def __post_init__(self) -> None:
        # imported here: truth needs the world's type
        from tests.model.truth import Truth  # noqa: PLC0415 - see above

        self.tables = Tables(self.aws)
        self.ledgers = Ledgers(self.pair)
        self.now = datetime(2026, 1, 31, 12, tzinfo=UTC)
        self.lost: int | None = None
        self.cut = False
        self.acknowledged: list[Acknowledged] = []
        self.malformed: set[str] = set()
        self.truth = Truth(self)

    # ---- clients ----
    def post(self, region: int, key: str, payload: int = 0, *, clock_error: timedelta = timedelta()) -> bool:
        """Send a transaction; says whether it was acknowledged."""
        self.now += timedelta(seconds=1)
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
        )
        item = {**transaction.to_item(), "amount": {"N": "-1"}}
        self.aws.dynamodb[region].put_item(TableName=self.tables.journal, Item=item)
        self.malformed.add(key_of(transaction_id))

    # ---- streams ----
    def deliver(
        self, region: int, size: int = 100, *, killed: bool = False, breaks_after: int | None = None
    ) -> int | None:
        """Deliver a batch and advance the checkpoint by what it says was done, which is returned.

        `killed` ends the function after its work and before Lambda hears of it. None: there was nothing to deliver.
        """
        if region == self.lost:
            return None
        stream = self.tables.streams[region]
        stream.read()
        batch = stream.records[stream.checkpoint : stream.checkpoint + size]
        if not batch:
            return None
        done = self._project(region, batch, breaks_after)
        if killed:
            return 0
        self.truth.of_an_advance(region, batch[:done])
        stream.checkpoint += done
        return done

    def deliver_again(self, region: int, back: int) -> None:
        """Deliver records once more that were done: late, and beside the checkpoint."""
        if region == self.lost:
            return
        stream = self.tables.streams[region]
        self._project(region, stream.records[max(0, stream.checkpoint - back) : stream.checkpoint], None)

    def trim(self, region: int, count: int) -> None:
        """Records that were not read for 24 hours are gone: Lambda goes on after them without a word."""
        if region != self.lost:
            stream = self.tables.streams[region]
            stream.read()
            stream.checkpoint = min(stream.checkpoint + count, len(stream.records))

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
    def pass_time(self, sweeping: Sequence[int] = (0, 1)) -> None:
        """One interval: each Region that lives beats, and its sweeper runs if it is among `sweeping`."""
        self.now += INTERVAL
        for region in (0, 1):
            if region != self.lost:
                Heartbeats(self.aws.dynamodb[region], self.tables.operational).beat(
                    REGIONS[region], self.now.timestamp(), endpoint=""
                )
        if not self.cut and self.lost is None:
            self.aws.everything_arrived()
        for region in sweeping:
            self.sweep(region)

    def sweep(self, region: int, since: datetime | None = None) -> bool:
        """As `sweeper.handler` does; says whether it swept."""
        if region == self.lost:
            return False
        ledger = self.runtime.ledger(self.ledgers.connection(region))
        heartbeats = Heartbeats(self.aws.dynamodb[region], self.tables.operational)
        try:
            if ledger.replica:
                ledger.close()
                return False
            for origin in REGIONS:
                task = Sweep(
                    region=REGIONS[region],
                    journal=Journal(self.aws.dynamodb[region], self.tables.journal),
                    ledger=ledger,
                    quarantine=self.quarantine(region).keep,
                    margin=MARGIN,
                    interval=INTERVAL,
                    now=self.now,
                )
                at = heartbeats.latest(origin)
                heartbeat = datetime.fromtimestamp(at, UTC) if at is not None else None
                mark = self.runtime.sweep(task, origin, heartbeat, since)
                self.truth.of_a_mark(region, origin, mark)
        except LedgerUnavailableError:
            return False
        return True

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
        for _ in range((MARGIN + SLACK) // INTERVAL + 3):
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
