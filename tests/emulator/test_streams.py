"""Run in the embedded AWS's own environment: `make unit` does."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from emulator.functions.batches import Batches, fitting, resume_at, too_old
from emulator.functions.streams import lane_of, places, shard_of

RECORDS: list[dict[str, Any]] = [{"dynamodb": {"SequenceNumber": str(number)}} for number in range(20)]


@pytest.mark.parametrize("answer", [None, {}, "", b"null", {"batchItemFailures": []}, "not json"])
def test_an_answer_without_failures_completes_the_batch(answer: object) -> None:
    assert resume_at(RECORDS, answer) == 20


def test_delivery_resumes_at_the_lowest_failed_record() -> None:
    answer = {"batchItemFailures": [{"itemIdentifier": "7"}, {"itemIdentifier": "3"}]}
    assert resume_at(RECORDS, answer) == 3


def test_a_first_record_that_fails_gives_back_the_whole_batch() -> None:
    assert resume_at(RECORDS, {"batchItemFailures": [{"itemIdentifier": "0"}]}) == 0


@pytest.mark.parametrize("identifier", ["", "99"])
def test_an_identifier_that_is_not_in_the_batch_fails_all_of_it(identifier: str) -> None:
    assert resume_at(RECORDS, {"batchItemFailures": [{"itemIdentifier": identifier}]}) is None


def test_records_past_their_age_are_given_up_and_without_a_limit_none_is() -> None:
    records = [{"dynamodb": {"ApproximateCreationDateTime": at}} for at in (0, 30, 60)]
    assert too_old(records, 60, now=100) == records[:2]
    assert too_old(records, -1, now=1e9) == []


def test_an_event_holds_six_megabytes_of_records_and_at_least_one() -> None:
    large = [{"filling": "x" * 4_000_000} for _ in range(3)]
    assert fitting(large) == large[:1]
    assert fitting(RECORDS) == RECORDS


def test_both_halves_of_a_batch_are_batches_of_their_own_and_halving_is_no_attempt() -> None:
    batches = Batches()
    batches.fail(-1)
    batches.halve(10)
    assert (batches.attempts, batches.size(0, 20)) == (0, 10)
    batches.halve(5)
    assert batches.size(0, 20) == 5
    batches.move_on(5)
    assert batches.size(5, 20) == 5
    batches.move_on(10)
    assert batches.size(10, 20) == 20


def test_a_batch_is_given_up_after_as_many_retries_as_the_mapping_says() -> None:
    assert [Batches().fail(0), Batches().fail(-1)] == [True, False]
    batches = Batches()
    assert [batches.fail(2) for _ in range(3)] == [False, False, True]


def test_an_items_records_keep_to_one_lane_and_items_spread_over_all_of_them() -> None:
    lanes = {lane_of({"dynamodb": {"Keys": {"id": {"S": str(item)}}}}, 4) for item in range(100)}
    assert lanes == {0, 1, 2, 3}
    twice = [lane_of({"dynamodb": {"Keys": {"id": {"S": "a"}}, "SequenceNumber": each}}, 4) for each in "12"]
    assert twice[0] == twice[1]


def _record(partition: str, sort: str = "") -> dict[str, Any]:
    return {"dynamodb": {"Keys": {"id": {"S": partition}, "at": {"S": sort}}}}


def test_items_of_one_partition_key_are_in_one_shard_and_other_keys_fill_all_shards() -> None:
    assert len({shard_of(_record("a", str(sort)), "id", 4) for sort in range(100)}) == 1
    assert {shard_of(_record(str(key)), "id", 4) for key in range(100)} == {0, 1, 2, 3}


@pytest.mark.parametrize(("shards", "factor"), [(1, 1), (4, 1), (1, 3), (4, 3)])
def test_each_record_has_one_place_and_each_place_has_records(shards: int, factor: int) -> None:
    every = places({"ParallelizationFactor": factor}, shards)
    records = [_record(str(key), str(sort)) for key in range(100) for sort in range(3)]
    assert len(every) == shards * factor
    homes = [[place for place in every if place.has(record, "id")] for record in records]
    assert [len(home) for home in homes] == [1] * len(records)
    assert {place for home in homes for place in home} == set(every)
    assert len({place.shard_name for place in every}) == shards
