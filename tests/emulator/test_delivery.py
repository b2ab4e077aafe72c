"""A stream is delivered through a mapping: all of it, in order, resuming where the function says that it failed."""

from __future__ import annotations

import json
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

ALWAYS_FAILS = """
import os, pathlib

def handler(event, context):
    key = event["Records"][0]["dynamodb"]["Keys"]["id"]["S"]
    if key == "b":
        raise RuntimeError(key)
    with (pathlib.Path(os.environ["FOLDER"]) / "processed").open("a") as processed:
        print(key, file=processed)
"""
MEETS = """
import os, pathlib, time

def handler(event, context):
    folder = pathlib.Path(os.environ["FOLDER"])
    mine = folder / ("runs-" + context.aws_request_id)
    mine.touch()
    deadline = time.time() + 5
    while not (folder / "met").exists() and time.time() < deadline:
        if len(list(folder.glob("runs-*"))) > 1:
            (folder / "met").touch()
    mine.unlink()
    image = event["Records"][0]["dynamodb"]["NewImage"]
    with (folder / "processed").open("a") as processed:
        print(image["id"]["S"] + "=" + image["value"]["S"], file=processed)
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


def test_a_batch_that_fails_too_often_goes_to_the_destination_by_name_and_holds_up_nothing(
    aws: Running, tmp_path: Path
) -> None:
    queues = aws.client("sqs")
    queue = queues.create_queue(QueueName="given-up")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    aws.table("given-up", EAST)
    for key in "abc":
        aws.put(EAST, "given-up", key)
    aws.function(EAST, "given-up", ALWAYS_FAILS, FOLDER=str(tmp_path))
    destination = {"OnFailure": {"Destination": arn}}
    limits = {"BatchSize": 1, "MaximumRetryAttempts": 1, "DestinationConfig": destination}
    aws.deliver(EAST, "given-up", "given-up", **limits)
    told = until(lambda: queues.receive_message(QueueUrl=queue).get("Messages"), what="a record")
    record = json.loads(told[0]["Body"])
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["DDBStreamBatchInfo"]["batchSize"] == 1
    processed = tmp_path / "processed"
    until(lambda: processed.exists() and processed.read_text().split() == ["a", "c"])


def test_shards_are_delivered_at_once_and_an_items_records_in_order(tmp_path: Path) -> None:
    with embedded_aws("shards", "--shards", "2") as aws:
        aws.table("shards", EAST)
        for value in ("1", "2"):
            for key in KEYS:
                aws.put(EAST, "shards", key, value)
        aws.function(EAST, "shards", MEETS, FOLDER=str(tmp_path))
        aws.deliver(EAST, "shards", "shards", BatchSize=1)
        processed = tmp_path / "processed"
        until(lambda: processed.exists() and len(processed.read_text().split()) == 2 * len(KEYS))
        assert (tmp_path / "met").exists()
        lines = [line.split("=") for line in processed.read_text().split()]
        assert [[value for key, value in lines if key == each] for each in KEYS] == [["1", "2"]] * len(KEYS)


def test_as_many_batches_at_once_as_the_parallelization_factor_and_an_items_records_in_order(
    aws: Running, tmp_path: Path
) -> None:
    aws.table("lanes", EAST)
    for value in ("1", "2"):
        for key in KEYS:
            aws.put(EAST, "lanes", key, value)
    aws.function(EAST, "lanes", MEETS, FOLDER=str(tmp_path))
    aws.deliver(EAST, "lanes", "lanes", ParallelizationFactor=2, BatchSize=1)
    processed = tmp_path / "processed"
    until(lambda: processed.exists() and len(processed.read_text().split()) == 2 * len(KEYS))
    assert (tmp_path / "met").exists()
    lines = [line.split("=") for line in processed.read_text().split()]
    assert [[value for key, value in lines if key == each] for each in KEYS] == [["1", "2"]] * len(KEYS)
