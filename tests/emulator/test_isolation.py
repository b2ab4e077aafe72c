"""A lost Region is gone: nobody answers at its address, nothing runs in it; the other one goes on."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from botocore.exceptions import BotoCoreError

from tests.emulator.running import EAST, WEST, Running, embedded_aws, until

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESSES = {EAST: "127.0.1.1", WEST: "127.0.2.1"}
WHO_AM_I = "import os\ndef handler(event, context):\n    return os.getpid()\n"
SLOW_CONSUMER = """
import os, time

def handler(event, context):
    for record in event["Records"]:
        with open(os.environ["LOG"], "a") as log:
            print("begin", record["dynamodb"]["Keys"]["id"]["S"], file=log, flush=True)
        while os.path.exists(os.environ["GATE"]):
            time.sleep(0.01)
        with open(os.environ["LOG"], "a") as log:
            print("end", record["dynamodb"]["Keys"]["id"]["S"], file=log, flush=True)
    return {"batchItemFailures": []}
"""


@pytest.fixture(scope="module")
def aws() -> Iterator[Running]:
    with embedded_aws("isolation") as aws:
        yield aws


@pytest.fixture
def lost(aws: Running) -> Iterator[Running]:
    aws.control(f"regions/{EAST}/lose")
    yield aws
    aws.control(f"regions/{EAST}/restore")


def connects(aws: Running, region: str) -> bool:
    try:
        socket.create_connection((ADDRESSES[region], aws.port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def test_its_address_refuses_connections_until_it_is_back(aws: Running) -> None:
    assert connects(aws, EAST)
    aws.control(f"regions/{EAST}/lose")
    assert not connects(aws, EAST)
    assert connects(aws, WEST)
    aws.control(f"regions/{EAST}/restore")
    assert connects(aws, EAST)


def test_its_apis_answer_nobody_and_the_other_regions_do(lost: Running) -> None:
    with pytest.raises(BotoCoreError):
        lost.client("dynamodb", EAST).list_tables()
    assert "TableNames" in lost.client("dynamodb", WEST).list_tables()


def test_its_functions_are_killed_and_the_other_regions_run_on(aws: Running) -> None:
    processes = {}
    for region in (EAST, WEST):
        invoke = aws.function(region, f"who-am-i-{region}", WHO_AM_I)
        processes[region] = (invoke(), invoke)
    aws.control(f"regions/{EAST}/lose")
    try:
        until(lambda: not Path(f"/proc/{processes[EAST][0]}").exists(), what="the lost Region's function ends")
        assert processes[WEST][1]() == processes[WEST][0], "the same environment, still warm"
    finally:
        aws.control(f"regions/{EAST}/restore")
    assert processes[EAST][1]() not in (processes[EAST][0], os.getpid())


def test_its_pollers_neither_deliver_nor_advance_past_what_was_under_way(aws: Running, tmp_path: Path) -> None:
    log, gate = tmp_path / "log", tmp_path / "gate"
    log.touch()
    gate.touch()
    aws.table("events", EAST)
    aws.function(EAST, "consumer", SLOW_CONSUMER, LOG=str(log), GATE=str(gate))
    aws.put(EAST, "events", "one")
    aws.deliver(EAST, "events", "consumer", FunctionResponseTypes=["ReportBatchItemFailures"])
    until(lambda: log.read_text() == "begin one\n")
    aws.control(f"regions/{EAST}/lose")
    gate.unlink()
    end = time.monotonic() + 0.4
    while time.monotonic() < end:
        assert log.read_text() == "begin one\n"
    aws.control(f"regions/{EAST}/restore")
    until(lambda: log.read_text() == "begin one\nbegin one\nend one\n")


def test_a_function_that_changes_in_one_region_runs_on_in_the_other(aws: Running) -> None:
    here, there = (aws.function(region, "namesake", WHO_AM_I) for region in (EAST, WEST))
    before, other = here(), there()
    aws.client("lambda", WEST).update_function_configuration(FunctionName="namesake", MemorySize=256)
    until(lambda: there() != other, what="the changed function runs anew")
    assert here() == before
