"""A stream is delivered through a mapping: all of it, in order, resuming where the function says that it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from tests.emulator.running import EAST, Running, embedded_aws, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEYS = [f"{number:02}" for number in range(20)]
CONSUMER = """
import os, pathlib

def handler(event, context):
    folder = pathlib.Path(os.environ["FOLDER"])
    with (folder / "batches").open("a") as batches:
        print(len(event["Records"]), file=batches)
    for record in event["Records"]:
        key = record["dynamodb"]["Keys"]["id"]["S"]
        failed = folder / f"failed-{key}"
        if key in os.environ["FAILS"].split() and not failed.exists():
            failed.touch()
            if os.environ["RAISES"]:
                raise RuntimeError(key)
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
        with (folder / "processed").open("a") as processed:
            print(key, file=processed)
    return {"batchItemFailures": []}
"""


@pytest.fixture(scope="module")
def aws() -> Iterator[Running]:
    with embedded_aws("delivery") as aws:
        yield aws


def consume(aws: Running, folder: Path, name: str, *, fails: str, raises: str = "", **options: object) -> list[str]:
    """Write 20 items, have them delivered, and return what was processed once all of them were."""
    aws.table(name, EAST)
    for key in KEYS:
        aws.put(EAST, name, key)
    aws.function(EAST, name, CONSUMER, FOLDER=str(folder), FAILS=fails, RAISES=raises)
    aws.deliver(EAST, name, name, FunctionResponseTypes=["ReportBatchItemFailures"], **{"BatchSize": 100, **options})
    processed = folder / "processed"
    until(lambda: processed.exists() and KEYS[-1] in processed.read_text().split())
    return processed.read_text().split()


def test_a_first_record_that_fails_holds_up_the_batch_and_loses_none_of_it(aws: Running, tmp_path: Path) -> None:
    assert consume(aws, tmp_path, "first", fails="00") == KEYS
    assert (tmp_path / "batches").read_text().split() == ["20", "20"]


def test_delivery_resumes_at_the_failed_record_and_repeats_nothing_before_it(aws: Running, tmp_path: Path) -> None:
    assert consume(aws, tmp_path, "middle", fails="00 07 19") == KEYS
    assert (tmp_path / "batches").read_text().split() == ["20", "20", "13", "1"]


def test_batches_are_no_larger_than_the_mapping_says(aws: Running, tmp_path: Path) -> None:
    assert consume(aws, tmp_path, "small", fails="", BatchSize=8) == KEYS
    assert (tmp_path / "batches").read_text().split() == ["8", "8", "4"]


def test_a_batch_that_raises_is_halved_and_delivered_again_in_order(aws: Running, tmp_path: Path) -> None:
    processed = consume(aws, tmp_path, "raised", fails="10", raises="yes", BisectBatchOnFunctionError=True)
    assert processed == KEYS[:10] + KEYS
    assert (tmp_path / "batches").read_text().split() == ["20", "10", "10"]


def test_only_what_the_filter_lets_through_is_delivered(aws: Running, tmp_path: Path) -> None:
    pattern = '{"dynamodb": {"Keys": {"id": {"S": ["03", "19"]}}}}'
    processed = consume(aws, tmp_path, "filtered", fails="", FilterCriteria={"Filters": [{"Pattern": pattern}]})
    assert processed == ["03", "19"]
