"""Open-loop load: transactions are due at fixed times whether or not earlier ones were answered.

Latency counts from the time a transaction was due, so waiting in the client is not left out. A transaction that fails
is sent again with the same idempotency key, by whichever client is free, to the Region that this one uses by then.
Between attempts it waits as the AWS SDKs do: twice as long each time up to a cap, with jitter (AWS SDKs and Tools
Reference Guide, Retry behavior). One in so many is sent again after it was acknowledged, as a client does that has lost
the answer, and both answers are noted.
"""

from __future__ import annotations

import heapq
import json
import random
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from drills.history.events import Acknowledged, AnsweredAgain, Due, Failed, Refused, Sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from drills.clients.client import NamedClient
    from drills.history.events import Event

CREATED = 201
RETRIABLE = {408, 429}
SERVER_ERROR = 500
_LOOK_SECONDS = 0.05


@dataclass(kw_only=True)
class Transaction:
    """One transaction as its client saw it; times are `time.monotonic()` seconds."""

    key: str
    body: dict[str, Any]
    due: float
    acknowledged_at: float | None = None
    region: str | None = None
    id: str | None = None
    ids: set[str] = field(default_factory=set)
    first_answer: str = field(default="", compare=False)
    errors: int = 0
    refused: str | None = None

    @property
    def latency(self) -> float:
        """Seconds from due to acknowledged."""
        return (self.acknowledged_at or time.monotonic()) - self.due


def backoff(failures: int, first: float, cap: float, jitter: random.Random) -> float:
    """Return the seconds until the next attempt: a random part, at least half, of a limit that doubles up to `cap`."""
    limit: float = min(cap, first * 2 ** min(failures - 1, 32))
    return limit * jitter.uniform(0.5, 1)


def _was_sent(transaction: Transaction) -> bool:
    return transaction.errors > 0 or transaction.acknowledged_at is not None


def _at_once(entry: tuple[float, int, Transaction], now: float) -> tuple[float, int, Transaction]:
    """The same, without the pause before an acknowledged transaction is sent again."""
    due, number, transaction = entry
    return (due if transaction.acknowledged_at is None else min(due, now), number, transaction)


class OpenLoopLoad:
    """Sends `rate` transactions per second from `workers` threads until stopped."""

    def __init__(
        self,
        connect: Callable[[], NamedClient],
        *,
        rate: float,
        run: str,
        seed: int = 0,
        workers: int = 12,
        retry_seconds: float = 0.25,
        retry_cap_seconds: float = 2.0,
        accounts: int = 20,
        repeat_every: int = 10,
        repeat_seconds: float = 2.0,
        note: Callable[[Event], None] = lambda _: None,
    ) -> None:
        """Take how to connect, and the name that makes this run's accounts its own.

        The first retry comes within `retry_seconds`, each later one within twice as long, up to `retry_cap_seconds`.
        Every `repeat_every`th transaction is sent again `repeat_seconds` after its acknowledgement, none where it is 0.
        `note` is given each event as it happens, by any of the threads.
        """
        self._connect = connect
        self._rate = rate
        self._run = run
        self._note = note
        self._random = random.Random(seed)  # noqa: S311 - a workload, not a secret
        self._retry, self._retry_cap = retry_seconds, retry_cap_seconds
        self._jitter = random.Random(seed)  # noqa: S311 - the same
        self._repeat_every, self._repeat_seconds = repeat_every, repeat_seconds
        self._accounts = [f"drill-{run}-{number:02}" for number in range(accounts)]
        self._wake = threading.Condition()
        self._queue: list[tuple[float, int, Transaction]] = []
        self._issued = 0
        self._in_flight = 0
        self._start = 0.0
        self._closing = False
        self._stopped = False
        self.transactions: list[Transaction] = []
        self.acknowledgements: list[Transaction] = []
        """In the order in which they were acknowledged; it only grows, so a reader may keep its place."""
        self.error_times: list[float] = []
        self.error_kinds: dict[str, int] = {}
        self._threads = [threading.Thread(target=self._work, name=f"load-{n}", daemon=True) for n in range(workers)]

    @property
    def accounts(self) -> list[str]:
        """The accounts that only this run uses."""
        return list(self._accounts)

    def start(self) -> None:
        """Begin to send."""
        self._start = time.monotonic()
        with self._wake:
            self._issue()
        for thread in self._threads:
            thread.start()

    def stop(self, drain_seconds: float, longest_seconds: float | None = None) -> int:
        """Issue no more, wait for what is open, and return how many transactions stayed unanswered.

        It waits as long as one is answered every `drain_seconds`, because how fast they are is the machine's affair,
        and `longest_seconds` at most, which is `drain_seconds` unless given.
        """
        began = progressed = time.monotonic()
        longest = drain_seconds if longest_seconds is None else longest_seconds
        with self._wake:
            self._closing = True
            self._wake.notify_all()
            fewest = self._open()
            while left_open := self._open():
                now = time.monotonic()
                if left_open < fewest:
                    fewest, progressed = left_open, now
                left = min(progressed + drain_seconds, began + longest) - now
                if left <= 0:
                    break
                self._wake.wait(min(left, _LOOK_SECONDS))
            self._stopped = True
            self._wake.notify_all()
            open_now = sum(not each.acknowledged_at and not each.refused for each in self.transactions)
        for thread in self._threads:
            thread.join(timeout=10)
        return open_now

    def _open(self) -> int:
        """How many are sent, or to be sent again; what was not sent by the time of closing is not."""
        return self._in_flight + sum(_was_sent(entry[2]) for entry in self._queue)

    def acknowledged(self) -> list[Transaction]:
        """Return what was acknowledged so far."""
        return list(self.acknowledgements)

    def _issue(self) -> None:
        due = self._start + self._issued / self._rate
        debit, credit = self._random.sample(self._accounts, 2)
        minor = self._random.randint(1, 100_000)
        transaction = Transaction(
            key=f"{self._run}-{self._issued:07}",
            body={
                "debit_account": debit,
                "credit_account": credit,
                "amount": f"{minor // 100}.{minor % 100:02}",
                "currency": "EUR",
            },
            due=due,
        )
        heapq.heappush(self._queue, (due, self._issued, transaction))
        self._issued += 1

    def _next(self) -> tuple[int, Transaction] | None:
        with self._wake:
            while not self._stopped:
                now = time.monotonic()
                if self._closing:
                    self._queue = [_at_once(entry, now) for entry in self._queue if _was_sent(entry[2])]
                    heapq.heapify(self._queue)
                if self._queue and self._queue[0][0] <= now:
                    _, number, transaction = heapq.heappop(self._queue)
                    if not _was_sent(transaction):
                        self.transactions.append(transaction)
                        self._note(Due(at=transaction.due, key=transaction.key, body=transaction.body))
                        if not self._closing:
                            self._issue()
                    self._in_flight += 1
                    return number, transaction
                if self._closing and not self._queue and not self._in_flight:
                    self._wake.notify_all()
                self._wake.wait(min(0.05, self._queue[0][0] - now) if self._queue else 0.05)
        return None

    def _work(self) -> None:
        with self._connect() as client:
            while (taken := self._next()) is not None:
                number, transaction = taken
                first = transaction.acknowledged_at is None
                repeats = first and self._repeat_every > 0 and number % self._repeat_every == 0
                settled = self._send(client, transaction)
                with self._wake:
                    self._in_flight -= 1
                    if not settled:
                        pause = backoff(transaction.errors, self._retry, self._retry_cap, self._jitter)
                        heapq.heappush(self._queue, (time.monotonic() + pause, number, transaction))
                    elif repeats and transaction.acknowledged_at is not None:
                        heapq.heappush(self._queue, (time.monotonic() + self._repeat_seconds, number, transaction))
                    self._wake.notify()

    def _send(self, client: NamedClient, transaction: Transaction) -> bool:
        headers = {"content-type": "application/json", "idempotency-key": transaction.key}
        body = json.dumps(transaction.body).encode()
        self._note(Sent(at=time.monotonic(), key=transaction.key))
        try:
            region, status, answer = client.request("POST", "/transactions", body=body, headers=headers)
        except OSError as error:
            self._failed(transaction, type(error).__name__)
            return False
        now = time.monotonic()
        final = status not in RETRIABLE and status < SERVER_ERROR
        if transaction.acknowledged_at is not None and final:
            again = answer.decode(errors="replace")
            self._note(
                AnsweredAgain(
                    at=now,
                    key=transaction.key,
                    region=region,
                    status=status,
                    first=transaction.first_answer,
                    again=again,
                )
            )
            return True
        if status == CREATED:
            transaction.first_answer = answer.decode(errors="replace")
            transaction.id = json.loads(answer)["id"]
            transaction.ids.add(str(transaction.id))
            transaction.region = region
            transaction.acknowledged_at = now
            self._note(Acknowledged(at=now, key=transaction.key, id=str(transaction.id), region=region))
            self.acknowledgements.append(transaction)
            return True
        self._failed(transaction, f"status {status}")
        if not final:
            return False
        transaction.refused = f"{status} {answer[:200].decode(errors='replace')}"
        self._note(Refused(at=time.monotonic(), key=transaction.key, answer=transaction.refused))
        return True

    def _failed(self, transaction: Transaction, kind: str) -> None:
        with self._wake:
            transaction.errors += 1
            now = time.monotonic()
            self.error_times.append(now)
            self._note(Failed(at=now, key=transaction.key, kind=kind))
            self.error_kinds[kind] = self.error_kinds.get(kind, 0) + 1
