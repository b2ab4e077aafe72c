"""The load generator: due times, retries with the same key, and what counts as acknowledged."""

import json
import random
import threading
from collections.abc import Callable
from itertools import pairwise
from types import TracebackType
from typing import Any, Self

import pytest

from drills.clients.load import OpenLoopLoad, backoff
from drills.history.derived import result_of
from drills.history.events import AnsweredAgain, DrillBegan, Event, Sent
from drills.history.history import History
from tests.drills.recorded import history


class Api:
    """Answers as the test says and remembers every request."""

    def __init__(
        self, *, failing: str | None = None, target: list[str] | None = None, statuses: list[int] | None = None
    ) -> None:
        self.failing = failing
        self.target = target or ["a"]
        self.statuses = list(statuses or [])
        self.seen: list[tuple[str, str, dict[str, Any]]] = []
        self.enough = threading.Event()
        self.lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def request(self, _method: str, _path: str, *, body: bytes, headers: dict[str, str]) -> tuple[str, int, bytes]:
        region = self.target[0]
        with self.lock:
            key = headers["idempotency-key"]
            self.seen.append((region, key, json.loads(body)))
            if len(self.seen) >= 40:
                self.enough.set()
            status = self.statuses.pop(0) if self.statuses else 201
        if region == self.failing:
            raise ConnectionResetError
        return region, status, json.dumps({"id": f"id-{key}"}).encode()


def load(api: Api, note: Callable[[Event], None] = lambda _: None) -> OpenLoopLoad:
    return OpenLoopLoad(
        lambda: api,  # type: ignore[arg-type,return-value]
        rate=500,
        run="r",
        workers=3,
        retry_seconds=0.001,
        note=note,
    )


def test_transactions_are_due_at_fixed_times_and_all_are_answered() -> None:
    api = Api()
    generator = load(api)
    generator.start()
    assert api.enough.wait(10)
    assert generator.stop(10) == 0
    due = [one.due for one in generator.transactions]
    assert {round(later - earlier, 6) for earlier, later in pairwise(due)} == {0.002}
    assert len(generator.acknowledged()) == len(generator.transactions)
    assert all(one.latency >= 0 for one in generator.transactions)


def test_a_lost_region_delays_transactions_and_the_other_acknowledges_them_under_the_same_key() -> None:
    target = ["a"]
    api = Api(failing="a", target=target)
    generator = load(api)
    generator.start()
    assert api.enough.wait(10)
    target[0] = "b"
    assert generator.stop(10) == 0
    assert {one.region for one in generator.acknowledged()} == {"b"}
    tried = {key for region, key, _ in api.seen if region == "a"}
    assert tried <= {key for region, key, _ in api.seen if region == "b"}
    bodies: dict[str, list[dict[str, Any]]] = {}
    for _, key, body in api.seen:
        bodies.setdefault(key, []).append(body)
    assert all(body == sent[0] for sent in bodies.values() for body in sent)
    assert generator.error_kinds["ConnectionResetError"] == len(generator.error_times)


def test_a_refused_transaction_is_not_sent_again_and_a_failing_server_is() -> None:
    api = Api(statuses=[422, 503])
    generator = load(api)
    generator.start()
    assert api.enough.wait(10)
    assert generator.stop(10) == 0
    refused = [one for one in generator.transactions if one.refused]
    assert len(refused) == 1
    assert len(generator.acknowledged()) == len(generator.transactions) - 1
    assert generator.error_kinds == {"status 422": 1, "status 503": 1}


def test_what_the_load_notes_tells_all_that_its_clients_saw() -> None:
    api = Api(statuses=[422, 503, 429, 500])
    noted = History()
    noted.append(next(event for event in history() if isinstance(event, DrillBegan)))
    generator = load(api, noted.append)
    generator.start()
    assert api.enough.wait(10)
    assert generator.stop(10) == 0
    result = result_of(noted.events)
    assert result.transactions == generator.transactions
    assert result.error_times == generator.error_times
    assert result.error_kinds == generator.error_kinds == {f"status {status}": 1 for status in (422, 503, 429, 500)}
    assert sorted(event.key for event in noted.of(Sent)) == sorted(key for _, key, _ in api.seen)


def test_one_in_ten_is_sent_again_after_it_was_acknowledged_and_both_answers_are_noted() -> None:
    api, noted = Api(), History()
    generator = load(api, noted.append)
    generator.start()
    assert api.enough.wait(10)
    assert generator.stop(10) == 0
    again = noted.of(AnsweredAgain)
    assert sorted(each.key for each in again) == [each.key for each in generator.transactions[::10]]
    assert all(each.first == each.again == json.dumps({"id": f"id-{each.key}"}) for each in again)
    assert len(api.seen) == len(generator.transactions) + len(again)


class Busy(Api):
    """Fails twice to answer what it had acknowledged."""

    def request(self, _method: str, _path: str, *, body: bytes, headers: dict[str, str]) -> tuple[str, int, bytes]:
        region, status, answer = super().request(_method, _path, body=body, headers=headers)
        with self.lock:
            times = sum(key == headers["idempotency-key"] for _, key, _ in self.seen)
        return region, 503 if times in {2, 3} else status, answer


def test_what_is_sent_again_and_is_not_answered_is_sent_until_it_is() -> None:
    api, noted = Busy(), History()
    generator = load(api, noted.append)
    generator.start()
    assert api.enough.wait(10)
    assert generator.stop(10) == 0
    again = noted.of(AnsweredAgain)
    assert {each.status for each in again} == {201}
    assert sorted(each.key for each in again) == [each.key for each in generator.transactions[::10]]
    assert generator.error_kinds == {"status 503": 2 * len(again)}
    assert len(generator.acknowledged()) == len(generator.transactions)


def test_a_transaction_waits_longer_after_each_failure_up_to_a_cap_and_never_in_step_with_others() -> None:
    chance = random.Random(1)  # noqa: S311 - a workload, not a secret
    pauses = {failures: [backoff(failures, 0.25, 2, chance) for _ in range(50)] for failures in range(1, 60)}
    assert all(0.125 <= pause <= 0.25 for pause in pauses[1])
    assert all(0.5 <= pause <= 1 for pause in pauses[3])
    assert all(1 <= pause <= 2 for failures in range(4, 60) for pause in pauses[failures])
    assert len(set(pauses[5])) == 50


class Slow(Api):
    """Each answer takes four seconds of a clock that nothing else moves; the first 38 tell that the server failed."""

    def __init__(self) -> None:
        super().__init__(statuses=[503] * 38)
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def request(self, method: str, path: str, *, body: bytes, headers: dict[str, str]) -> tuple[str, int, bytes]:
        answer = super().request(method, path, body=body, headers=headers)
        with self.lock:
            self.now += 4
        return answer


@pytest.mark.parametrize(("longest", "all_answered"), [(10_000.0, True), (None, False)])
def test_what_is_open_at_the_end_is_waited_for_as_long_as_something_is_answered(
    monkeypatch: pytest.MonkeyPatch, longest: float | None, *, all_answered: bool
) -> None:
    api = Slow()
    monkeypatch.setattr("drills.clients.load.time", api)
    generator = load(api)
    generator.start()
    assert api.enough.wait(10)
    assert (generator.stop(30, longest) == 0) is all_answered
