"""What becomes of an event that a function fails on: tried twice more, and then sent to where failures go."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from emulator.functions.asynchronous import Next, Settings, next_step, settings_of
from tests.emulator.running import EAST, Running, embedded_aws, until

if TYPE_CHECKING:
    from collections.abc import Iterator

ERROR: dict[str, Any] = {"error": True, "body": {"errorMessage": "no"}}
THROTTLE: dict[str, Any] = {"error": True, "throttle": True}
FAILS = """
import pathlib

def handler(event, context):
    with pathlib.Path(event["file"]).open("a") as attempts:
        print("attempt", file=attempts)
    raise ValueError("no")
"""


def _next(
    result: dict[str, Any],
    settings: Settings | None = None,
    *,
    errors: int = 0,
    throttles: int = 0,
    age: float = 0,
    reserved: int | None = None,
) -> Next:
    return next_step(result, settings or Settings(), errors=errors, throttles=throttles, age=age, reserved=reserved)


def test_an_error_is_tried_again_after_one_minute_and_after_two_and_then_given_up() -> None:
    assert [_next(ERROR, errors=count) for count in (1, 2, 3)] == [
        Next(delay=60),
        Next(delay=120),
        Next(condition="RetriesExhausted"),
    ]


def test_a_throttle_costs_no_attempt_and_waits_twice_as_long_each_time_up_to_five_minutes() -> None:
    delays = [_next(THROTTLE, throttles=count).delay for count in (1, 2, 3, 9, 10, 40)]
    assert delays == [1, 2, 4, 256, 300, 300]


def test_an_event_that_would_be_too_old_at_its_next_attempt_is_given_up() -> None:
    assert _next(ERROR, Settings(maximum_age=100), errors=1, age=41).condition == "EventAgeExceeded"
    assert _next(THROTTLE, Settings(maximum_age=100), throttles=1, age=98).delay == 1


def test_an_event_for_a_function_that_may_not_run_at_all_is_not_kept() -> None:
    assert _next(THROTTLE, throttles=1, reserved=0).condition == "ZeroReservedConcurrency"


def test_settings_of_the_latest_version_are_those_of_the_function() -> None:
    config = {"MaximumRetryAttempts": 0, "DestinationConfig": {"OnFailure": {"Destination": "arn"}}}
    told = settings_of({"config": {}, "event_invoke_configs": {"$LATEST": config}})
    assert (told.retries, told.on_failure, told.maximum_age) == (0, "arn", 21_600)


@pytest.fixture(scope="module")
def aws() -> Iterator[Running]:
    with embedded_aws("asynchronous", "--retry-time-scale", "0.001") as running:
        yield running


@pytest.fixture(scope="module")
def queue(aws: Running) -> str:
    """A queue that a function's failures go to, by its URL."""
    url: str = aws.client("sqs").create_queue(QueueName="failures")["QueueUrl"]
    arn = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    aws.function(EAST, "fails", FAILS)
    aws.client("lambda").put_function_event_invoke_config(
        FunctionName="fails", DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    return url


def _told(aws: Running, queue: str) -> dict[str, Any]:
    receive = aws.client("sqs").receive_message
    messages = until(lambda: receive(QueueUrl=queue).get("Messages"), seconds=30, what="a record of the failure")
    aws.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=messages[0]["ReceiptHandle"])
    record: dict[str, Any] = json.loads(messages[0]["Body"])
    return record


def test_what_fails_three_times_reaches_the_destination_with_its_event_and_its_error(
    aws: Running, queue: str, tmp_path: Any
) -> None:
    event = {"file": str(tmp_path / "attempts")}
    answer = aws.client("lambda").invoke(FunctionName="fails", InvocationType="Event", Payload=json.dumps(event))
    assert answer["StatusCode"] == 202
    record = _told(aws, queue)
    assert (tmp_path / "attempts").read_text().split() == ["attempt"] * 3
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["requestContext"]["functionArn"].endswith(":function:fails:$LATEST")
    assert record["requestPayload"] == event
    assert record["responsePayload"]["errorType"] == "ValueError"
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}


def test_what_a_rule_of_eventbridge_asks_for_is_tried_again_too(aws: Running, queue: str, tmp_path: Any) -> None:
    events, functions = aws.client("events"), aws.client("lambda")
    arn = functions.get_function(FunctionName="fails")["Configuration"]["FunctionArn"]
    events.put_rule(Name="asks", EventPattern=json.dumps({"source": ["test"]}))
    target = {"Id": "function", "Arn": arn, "Input": json.dumps({"file": str(tmp_path / "attempts")})}
    events.put_targets(Rule="asks", Targets=[target])
    events.put_events(Entries=[{"Source": "test", "DetailType": "test", "Detail": "{}"}])
    assert _told(aws, queue)["requestContext"]["approximateInvokeCount"] == 3
