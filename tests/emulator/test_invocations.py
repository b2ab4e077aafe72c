"""What Lambda does not let a function do: take too long, run too often at once, or hold too much."""

from __future__ import annotations

import json
import os
import select
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from botocore.exceptions import ClientError

from tests.emulator.running import EAST, WEST, Running, embedded_aws, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIMIT, COLD_START_MILLISECONDS = 102, 300
WAITS = """
import pathlib, time

def handler(event, context):
    pathlib.Path(event["started"]).touch()
    while not pathlib.Path(event["end"]).exists():
        time.sleep(0.01)
    return "ended"
"""
LARGE = "def handler(event, context): return 'x' * event['length'] if 'length' in event else None"
NAMES_ITSELF = """
import os, time

def handler(event, context):
    time.sleep(0.5)
    return os.getpid()
"""
RAISES = "def handler(event, context): raise KeyError('absent')"


@pytest.fixture(scope="module")
def aws() -> Iterator[Running]:
    options = ("--concurrency-limit", str(LIMIT), "--cold-start-milliseconds", str(COLD_START_MILLISECONDS))
    with embedded_aws("invocations", *options) as running:
        running.function(EAST, "waits", WAITS)
        running.function(EAST, "large", LARGE)
        yield running


def _waiting(aws: Running, folder: Path, pool: ThreadPoolExecutor) -> Any:
    """Start an invocation that lasts until the file `end` is there."""
    event = {"started": str(folder / "started"), "end": str(folder / "end")}
    payload = json.dumps(event).encode()
    running = pool.submit(aws.client("lambda").invoke, FunctionName="waits", Payload=payload)
    until((folder / "started").exists)
    return running


def test_an_invocation_ends_at_its_timeout_with_lambdas_words_and_a_line_in_its_log(
    aws: Running, tmp_path: Path
) -> None:
    functions = aws.client("lambda")
    aws.function(EAST, "late", WAITS)
    functions.update_function_configuration(FunctionName="late", Timeout=1)
    event = {"started": str(tmp_path / "started"), "end": str(tmp_path / "never")}
    answer = functions.invoke(FunctionName="late", Payload=json.dumps(event).encode())
    body = json.load(answer["Payload"])
    request = body["errorMessage"].split()[1]
    assert answer["FunctionError"] == "Unhandled"
    assert body == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {request} Error: Task timed out after 1.00 seconds",
    }
    lines = aws.client("logs").filter_log_events(logGroupName="/aws/lambda/late")["events"]
    assert any(line["message"].endswith(f"{request} Task timed out after 1.00 seconds") for line in lines)


def test_an_error_is_told_by_its_own_type(aws: Running) -> None:
    body = aws.function(EAST, "raises", RAISES)()
    assert (body["errorType"], body["errorMessage"]) == ("KeyError", "'absent'")


def test_a_new_environment_starts_cold_and_a_used_one_does_not(aws: Running) -> None:
    call = aws.function(EAST, "cold", "import time\nborn = time.time()\ndef handler(event, context): return born")
    before = time.monotonic()
    born = call()
    assert time.monotonic() - before >= COLD_START_MILLISECONDS / 1000
    assert call() == born


def test_a_function_runs_as_often_at_once_as_is_reserved_for_it(aws: Running, tmp_path: Path) -> None:
    functions = aws.client("lambda")
    functions.put_function_concurrency(FunctionName="waits", ReservedConcurrentExecutions=1)
    with ThreadPoolExecutor() as pool:
        running = _waiting(aws, tmp_path, pool)
        with pytest.raises(functions.exceptions.TooManyRequestsException, match="Rate Exceeded") as refused:
            functions.invoke(FunctionName="waits", Payload=b"{}")
        (tmp_path / "end").touch()
        assert json.load(running.result()["Payload"]) == "ended"
    assert refused.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    functions.delete_function_concurrency(FunctionName="waits")


def test_functions_without_a_reservation_share_what_is_left_in_their_region(aws: Running) -> None:
    functions = aws.client("lambda")
    with pytest.raises(functions.exceptions.InvalidParameterValueException, match=r"minimum value of \[100\]"):
        functions.put_function_concurrency(FunctionName="large", ReservedConcurrentExecutions=LIMIT - 99)
    functions.put_function_concurrency(FunctionName="large", ReservedConcurrentExecutions=LIMIT - 100)
    aws.function(WEST, "large", LARGE)
    with pytest.raises(functions.exceptions.InvalidParameterValueException):
        functions.put_function_concurrency(FunctionName="waits", ReservedConcurrentExecutions=1)
    west = aws.client("lambda", WEST)
    west.put_function_concurrency(FunctionName="large", ReservedConcurrentExecutions=LIMIT - 100)
    functions.delete_function_concurrency(FunctionName="large")


@pytest.mark.parametrize(("kind", "length"), [("RequestResponse", 6 * 1024 * 1024 + 1), ("Event", 1024 * 1024 + 1)])
def test_an_event_that_is_too_large_is_refused(aws: Running, kind: str, length: int) -> None:
    payload = json.dumps({"filling": ""}).encode().replace(b'""', b'"' + b"x" * (length - 15) + b'"')
    with pytest.raises(ClientError, match=f"{len(payload)} byte payload is too large for the {kind}") as refused:
        aws.client("lambda").invoke(FunctionName="large", InvocationType=kind, Payload=payload)
    assert refused.value.response["Error"]["Code"] == "RequestEntityTooLargeException"


def test_an_answer_that_is_too_large_is_an_error_of_the_function(aws: Running) -> None:
    event = json.dumps({"length": 6 * 1024 * 1024 + 200}).encode()
    answer = aws.client("lambda").invoke(FunctionName="large", Payload=event)
    assert answer["FunctionError"] == "Unhandled"
    assert json.load(answer["Payload"])["errorType"] == "Function.ResponseSizeTooLarge"


def test_a_region_is_lost_once_its_execution_environments_have_ended(aws: Running) -> None:
    function, count = "process", 20
    aws.function(
        WEST, function, "import os, time\n\ndef handler(event, context):\n    time.sleep(0.5)\n    return os.getpid()"
    )
    invoke = partial(aws.client("lambda", WEST).invoke, FunctionName=function)
    with ThreadPoolExecutor(count) as pool:
        processes = {json.load(answer["Payload"]) for answer in pool.map(lambda _: invoke(), range(count))}
    aws.control(f"regions/{WEST}/lose")
    try:
        assert len(processes) > 1
        assert [each for each in processes if _runs(each)] == []
    finally:
        aws.control(f"regions/{WEST}/restore")
    assert json.load(invoke()["Payload"]) not in processes


def _runs(process: int) -> bool:
    """Whether a process runs; one that has ended and of which nobody took notice yet does not."""
    with suppress(ProcessLookupError):
        handle = os.pidfd_open(process)
        try:
            return not select.select([handle], [], [], 0)[0]
        finally:
            os.close(handle)
    return False
