"""Measure what the embedded AWS costs: its start, warm calls, memory, and what is left after it ended or was killed."""

from __future__ import annotations

import io
import json
import os
import signal
import statistics
import tempfile
import time
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from benchmarks.leftovers import Holdings, holdings, resident_mebibytes
from benchmarks.result import Figure, Result
from contract.names import arn
from contract.patterns import EMBEDDED_ACCOUNT
from contract.waiting import wait_until
from drills.embedded.cdk import deploy
from drills.embedded.process import EmbeddedAws
from operations.deployment import regions_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / "build" / "bench" / "embedded-aws"
START_LIMIT_SECONDS = 3.0
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
STAGE = "staging"
DRAIN_SECONDS = 10.0
# the function tells how long it took itself, so that the rest is the embedded AWS's
FUNCTION = """
import time

def handler(event, context):
    began = time.perf_counter()
    return {"seconds": time.perf_counter() - began}
"""


def run() -> Result:
    """Measure, and hold the start and what is left to their bounds."""
    measured = embedded_aws()
    figures = [
        Figure(name="start_seconds", value=measured["start_seconds"], unit="s", at_most=START_LIMIT_SECONDS),
        Figure(name="invoke_overhead", value=measured["invoke_overhead"]["median_milliseconds"], unit="ms"),
        Figure(name="get_item", value=measured["get_item"]["median_milliseconds"], unit="ms"),
        Figure(name="idle_mebibytes", value=measured["idle_mebibytes"], unit="MiB"),
        Figure(name="deployed_mebibytes", value=measured["deployed_mebibytes"], unit="MiB"),
        Figure(name="leftovers", value=sum(measured["leftovers"].values()), at_most=0),
    ]
    return Result({"embedded_aws": measured}, figures)


def embedded_aws(*, starts: int = 5, cycles: int = 20, calls: int = 300, stage: str = STAGE) -> dict[str, Any]:
    """Return seconds to start, milliseconds per warm call, MiB resident, and what `cycles` starts and ends left.

    Every second cycle is ended by SIGKILL. What a killed one cannot remove itself, the next start with the same folder
    does; so leftovers are counted after a last, orderly cycle.
    """
    regions, _ = regions_of(stage, ROOT / "settings")
    seconds = []
    for _ in range(starts):
        began = time.perf_counter()
        with _running() as (_, _pid):
            seconds.append(time.perf_counter() - began)
    with _running() as (url, pid):
        idle = resident_mebibytes(pid)
        overhead = _call_overhead(url, regions.primary, calls)
    with _running() as (url, pid), tempfile.TemporaryDirectory(dir=ROOT / "build") as work:
        deploy(url, stage, regions, work=Path(work))
        deployed = resident_mebibytes(pid)
    leftovers = _leftovers(cycles, regions.primary)
    return {
        "met": statistics.median(seconds) < START_LIMIT_SECONDS and not any(leftovers.values()),
        "start_seconds": round(statistics.median(seconds), 3),
        "start_limit_seconds": START_LIMIT_SECONDS,
        "start_runs": [round(value, 3) for value in seconds],
        **overhead,
        "idle_mebibytes": round(idle, 1),
        "deployed_mebibytes": round(deployed, 1),
        "deployed_stage": stage,
        "cycles": cycles,
        "killed": cycles // 2,
        "leftovers": leftovers,
    }


class _Process(EmbeddedAws):
    """The embedded AWS as `tandem` starts it. The benchmark looks at its process."""

    @property
    def pid(self) -> int:
        assert self._process is not None  # noqa: S101 - entered
        return self._process.pid

    def kill(self) -> None:
        """End it as a crash would."""
        os.kill(self.pid, signal.SIGKILL)
        assert self._process is not None  # noqa: S101 - entered
        self._process.wait()


@contextmanager
def _running() -> Iterator[tuple[str, int]]:
    with _started() as aws:
        yield aws.url, aws.pid


def _started() -> _Process:
    regions, _ = regions_of(STAGE, ROOT / "settings")
    return _Process(regions, state=STATE, lag_milliseconds=0)


def _call_overhead(url: str, region: str, calls: int) -> dict[str, Any]:
    functions, tables = _client(url, "lambda", region), _client(url, "dynamodb", region)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", FUNCTION)
    iam = _client(url, "iam", region)
    iam.create_role(RoleName="trivial", AssumeRolePolicyDocument=TRUST)
    functions.create_function(
        FunctionName="trivial",
        Runtime="python3.13",
        Handler="index.handler",
        Role=arn("iam", "role/trivial", account=EMBEDDED_ACCOUNT),
        Code={"ZipFile": archive.getvalue()},
    )
    tables.create_table(
        TableName="items",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    tables.put_item(TableName="items", Item={"id": {"S": "one"}})

    def invoke() -> float:
        return float(json.load(functions.invoke(FunctionName="trivial", Payload=b"{}")["Payload"])["seconds"])

    def get_item() -> float:
        tables.get_item(TableName="items", Key={"id": {"S": "one"}})
        return 0.0

    return {"invoke_overhead": _milliseconds(invoke, calls), "get_item": _milliseconds(get_item, calls)}


def _client(url: str, service: str, region: str) -> Any:
    credentials = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(service, endpoint_url=url, region_name=region, **credentials)  # type: ignore[call-overload]


def _milliseconds(call: Callable[[], float], calls: int) -> dict[str, float]:
    """Return median and 99th percentile of warm calls, boto3 included, less what the call says it took itself."""
    taken = []
    for number in range(calls + 20):
        began = time.perf_counter()
        own = call()
        if number >= 20:  # noqa: PLR2004 - the calls above that warm it
            taken.append((time.perf_counter() - began - own) * 1000)
    return {
        "median_milliseconds": round(statistics.median(taken), 3),
        "p99_milliseconds": round(statistics.quantiles(taken, n=100)[98], 3),
    }


def _leftovers(cycles: int, region: str) -> dict[str, int]:
    """Return what is left of all that the cycles held. Each has a database and a function; nothing is left out."""
    holdings_of_cycles: list[Holdings] = []
    names = {"processes", "ports", "segments", "abstract_sockets", "shared_memory_files"}
    for number in range(cycles + 1):
        with _started() as aws:
            _client(aws.url, "rds", region).create_db_cluster(
                DBClusterIdentifier="ledger",
                Engine="aurora-postgresql",
                MasterUsername="administrator",
                MasterUserPassword="not-a-secret",
            )
            holdings_of_cycles.append(holdings(aws.pid))
            if number % 2 and number < cycles:
                aws.kill()
    wait_until(lambda: not any(each.left() for each in holdings_of_cycles), seconds=DRAIN_SECONDS, pause=0.05)
    left = [each.left() for each in holdings_of_cycles]
    return {name: sum(each.get(name, 0) for each in left) for name in sorted(names)} | {
        "state_folders": int(STATE.exists())
    }
