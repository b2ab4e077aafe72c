"""How far each Region's copies are behind what clients were told, sampled about once a second while a drill runs.

Measured on the drill's own transactions: the age of the oldest acknowledged one that a copy does not hold yet. Journals
are asked through DynamoDB, in AWS as here. Ledgers are asked through the RDS Data API, which AWS answers on the writer
only: there, a standby's lag is the metric AuroraGlobalDBReplicationLag.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drills.history.events import Sampled
from drills.measure.lookup import journal_ids, ledger_entries
from operations.errors import OperationError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from drills.clients.load import Transaction
    from drills.history.events import Event
    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

INTERVAL_SECONDS = 1.0
FOLLOWED_PER_SECOND = 25
LOOKED_UP_AT_ONCE = 100
LOOK_UPS = 5
STOP_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class LagSample:
    """Seconds that each Region's journal and ledger were behind at a time (`time.monotonic()`), None where unknown."""

    at: float
    journal: Mapping[str, float | None]
    ledger: Mapping[str, float | None]


class Follower:
    """One copy, and which of the acknowledged transactions it was not seen to hold yet."""

    def __init__(self, look_up: Callable[[Sequence[str]], Collection[str]]) -> None:
        """Take how the copy is asked which of some ids it holds; it may raise OperationError."""
        self._look_up = look_up
        self._missing: list[tuple[float, str]] = []
        self._seen = ""

    def expect(self, transactions: Sequence[Transaction]) -> None:
        """Wait for these too; oldest first."""
        self._missing += [(transaction.acknowledged_at or 0.0, str(transaction.id)) for transaction in transactions]

    def behind(self, now: float) -> float | None:
        """Return the age of the oldest one that the copy does not hold, 0 when it holds all, None if it is away."""
        try:
            if not self._missing and self._seen:
                self._look_up([self._seen])  # it may be away although nothing new is expected of it
            for _ in range(LOOK_UPS):
                looked_up = [transaction_id for _, transaction_id in self._missing[:LOOKED_UP_AT_ONCE]]
                if not looked_up:
                    break
                present = set(self._look_up(looked_up))
                self._seen = max(present, default=self._seen)
                self._missing = [each for each in self._missing if each[1] not in present]
                if not present.issuperset(looked_up):
                    break
        except OperationError:
            return None
        return max(0.0, now - self._missing[0][0]) if self._missing else 0.0


class LagSampler:
    """Samples on a thread of its own, which nobody waits for."""

    def __init__(
        self,
        endpoint: Endpoint,
        deployment: Callable[[], Deployment],
        acknowledgements: Sequence[Transaction],
        *,
        rate: float,
        note: Callable[[Event], None] = lambda _: None,
    ) -> None:
        """Take what is deployed at any moment, a list that grows, the load's rate per second, and who notes samples."""
        self._note = note
        self._acknowledgements = acknowledgements
        self._every = max(1, round(rate / FOLLOWED_PER_SECOND))
        self._taken = 0
        regions = deployment().regions.both

        def journal(region: str) -> Callable[[Sequence[str]], Collection[str]]:
            return lambda ids: journal_ids(endpoint, deployment(), region, ids)

        def ledger(region: str) -> Callable[[Sequence[str]], Collection[str]]:
            return lambda ids: _posted(endpoint, deployment(), region, ids)

        self._journals = {region: Follower(journal(region)) for region in regions}
        self._ledgers = {region: Follower(ledger(region)) for region in regions}
        self.samples: list[LagSample] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lag", daemon=True)

    def start(self) -> None:
        """Begin to sample."""
        self._thread.start()

    def stop(self) -> None:
        """Sample no more."""
        self._stop.set()
        self._thread.join(STOP_SECONDS)

    def latest(self) -> float | None:
        """Return the most that any copy was behind in the last sample, None where none could be asked."""
        if not self.samples:
            return None
        last = self.samples[-1]
        known = [each for each in (*last.journal.values(), *last.ledger.values()) if each is not None]
        return max(known, default=None)

    def sample(self) -> LagSample:
        """Look at every copy once."""
        now = time.monotonic()
        new = list(self._acknowledgements[self._taken :])
        followed = [transaction for number, transaction in enumerate(new, self._taken) if number % self._every == 0]
        self._taken += len(new)
        for region, follower in self._journals.items():
            follower.expect([transaction for transaction in followed if transaction.region != region])
        for follower in self._ledgers.values():
            follower.expect(followed)
        sample = LagSample(
            at=now,
            journal={region: each.behind(now) for region, each in self._journals.items()},
            ledger={region: each.behind(now) for region, each in self._ledgers.items()},
        )
        self.samples.append(sample)
        self._note(Sampled(at=now, journal=sample.journal, ledger=sample.ledger))
        return sample

    def _run(self) -> None:
        while not self._stop.wait(INTERVAL_SECONDS):
            self.sample()


def _posted(endpoint: Endpoint, deployment: Deployment, region: str, ids: Sequence[str]) -> set[str]:
    return {
        transaction_id
        for transaction_id, entries in ledger_entries(endpoint, deployment, region, ids).items()
        if entries
    }
