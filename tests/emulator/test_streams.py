"""Run in the embedded AWS's own environment: `make unit` does."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from emulator.functions.streams import resume_at

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
