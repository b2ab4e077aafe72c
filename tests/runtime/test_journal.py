"""The journal's calls, and the probe's, against a table that refuses, throttles and remembers what it was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tandem_runtime.shared.backoff import pauses
from tandem_runtime.shared.heartbeats import probe
from tandem_runtime.shared.journal import Journal, ThrottledError
from tests.sql.database import transaction

if TYPE_CHECKING:
    from collections.abc import Iterable

CONFLICT = "ReplicatedWriteConflictException"


class Table:
    """A journal table whose next puts meet `refusals`, and whose next batch reads process `processed` keys each."""

    class exceptions:  # noqa: N801 - a client's name for it
        ClientError = ClientError

    def __init__(self, *, refusals: Iterable[str] = (), processed: Iterable[int] = ()) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._refusals, self._processed = list(refusals), list(processed)

    def put_item(self, **call: Any) -> None:
        self.calls.append(("put", call))
        if self._refusals:
            raise ClientError({"Error": {"Code": self._refusals.pop(0), "Message": ""}}, "PutItem")

    def get_item(self, **call: Any) -> dict[str, Any]:
        self.calls.append(("get", call))
        return {}

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - DynamoDB's name
        self.calls.append(("batch", RequestItems))
        keys = RequestItems["journal"]["Keys"]
        done = self._processed.pop(0) if self._processed else len(keys)
        left = {"journal": {"Keys": keys[done:]}} if keys[done:] else {}
        return {"Responses": {"journal": keys[:done]}, "UnprocessedKeys": left}


def test_a_transaction_is_read_consistently_so_that_its_client_finds_what_it_just_posted() -> None:
    table = Table()
    Journal(table, "journal").find("00000000-0000-4000-8000-000000000001")
    [(_, call)] = table.calls
    assert call["ConsistentRead"] is True


def test_a_put_that_met_the_other_regions_is_tried_again_after_a_pause() -> None:
    slept: list[float] = []
    table = Table(refusals=[CONFLICT] * 4)
    new = transaction(1)
    assert Journal(table, "journal", sleep=slept.append).record(new) == new
    assert len(slept) == 4
    assert 0 < sum(slept) < 1, "a client waits for the answer"


def test_a_put_that_meets_the_other_regions_for_ever_ends_with_the_error() -> None:
    slept: list[float] = []
    table = Table(refusals=[CONFLICT] * 100)
    with pytest.raises(ClientError, match=CONFLICT):
        Journal(table, "journal", sleep=slept.append).record(transaction(1))
    assert (len(table.calls), len(slept)) == (5, 4)


def test_each_region_probes_an_item_of_its_own_that_no_projector_is_told_of() -> None:
    keys = set()
    for region in ("us-east-1", "us-west-2"):
        table = Table()
        probe(table, "journal", region=region, strong=True, now=1.0)
        [(_, put), (_, get)] = table.calls
        assert put["Item"]["pk"] == get["Key"]["pk"]
        assert get["ConsistentRead"] is True
        keys.add(get["Key"]["pk"]["S"])
    assert len(keys) == 2
    assert all(key.startswith("probe#") for key in keys), "the stream's filter passes transaction# and nothing else"


def test_a_probe_that_met_another_write_is_tried_again_and_the_answer_still_comes_within_a_second() -> None:
    slept: list[float] = []
    table = Table(refusals=[CONFLICT] * 2)
    probe(table, "journal", region="us-east-1", strong=True, now=1.0, sleep=slept.append)
    assert [name for name, _ in table.calls] == ["put", "put", "put", "get"]
    assert 0 < sum(slept) < 0.1
    with pytest.raises(ClientError, match=CONFLICT):
        probe(Table(refusals=[CONFLICT] * 9), "journal", region="us-east-1", strong=True, now=1.0, sleep=slept.append)


def test_a_replica_that_is_isolated_fails_the_probe_at_once() -> None:
    slept: list[float] = []
    table = Table(refusals=["InternalServerError"])
    with pytest.raises(ClientError):
        probe(table, "journal", region="us-east-1", strong=True, now=1.0, sleep=slept.append)
    assert slept == []


def test_what_a_throttled_batch_read_leaves_is_read_after_a_pause_until_all_is_there() -> None:
    slept: list[float] = []
    table = Table(processed=[40, 0, 0, 7])
    keys = [f"transaction#{number}" for number in range(250)]
    found = [item["pk"]["S"] for item in Journal(table, "journal", sleep=slept.append).fetch(keys)]
    assert sorted(found) == sorted(keys)
    assert len(slept) == 4


def test_a_batch_read_that_yields_nothing_any_more_ends_with_an_error_that_says_so() -> None:
    slept: list[float] = []
    table = Table(processed=[3, *[0] * 100])
    with pytest.raises(ThrottledError, match="journal is throttled: 2 items"):
        list(Journal(table, "journal", sleep=slept.append).fetch(f"transaction#{number}" for number in range(5)))
    assert (len(table.calls), len(slept)) == (10, 9)
    assert 0 < sum(slept) < 30


def test_pauses_are_drawn_at_random_below_a_limit_that_doubles_and_ends() -> None:
    drawn = [list(pauses(tries=6, first=0.1, most=0.5)) for _ in range(200)]
    limits = [0.1, 0.2, 0.4, 0.5, 0.5]
    assert all(0 <= pause <= limit for each in drawn for pause, limit in zip(each, limits, strict=True))
    for position, limit in enumerate(limits):
        assert max(each[position] for each in drawn) - min(each[position] for each in drawn) > limit / 2
