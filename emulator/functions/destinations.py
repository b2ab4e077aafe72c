"""Where Lambda sends what a function was asked in vain, or what came of it: queues, topics, functions and buses.

Sources: Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations" and "Retaining discarded
batch information for DynamoDB event sources".
"""

from __future__ import annotations

import json
import logging
import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from emulator.cloudformation.calls import api
from emulator.functions.batches import arrival_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_logger = logging.getLogger(__name__)


def moment(seconds: float, *, milliseconds: bool = True) -> str:
    """A time since 1970 as Lambda's records have it, with milliseconds or without."""
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds * 1000) % 1000:03}Z" if milliseconds else f"{whole}Z"


def invocation_record(
    *, function_arn: str, condition: str, attempts: int, event: object, result: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What a destination is told of an asynchronous invocation; `result` is None when the function never ran."""
    record: dict[str, Any] = {
        "version": "1.0",
        "timestamp": moment(time.time()),
        "requestContext": {
            "requestId": str(uuid4()),
            "functionArn": f"{function_arn}:$LATEST" if function_arn.count(":") == _COLONS else function_arn,
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "requestPayload": event,
    }
    if result is not None:
        record["responseContext"] = _response(result)
        record["responsePayload"] = result.get("body")
    return record


def batch_record(
    *,
    function_arn: str,
    stream_arn: str,
    shard: str,
    condition: str,
    attempts: int,
    records: Sequence[Mapping[str, Any]],
    result: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """What a destination is told of a batch of a stream that was given up; it names the records and holds none."""
    first, last = records[0]["dynamodb"], records[-1]["dynamodb"]
    told: dict[str, Any] = {
        "requestContext": {
            "requestId": str(uuid4()),
            "functionArn": function_arn,
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "version": "1.0",
        "timestamp": moment(time.time()),
        "DDBStreamBatchInfo": {
            "shardId": shard,
            "startSequenceNumber": first["SequenceNumber"],
            "endSequenceNumber": last["SequenceNumber"],
            "approximateArrivalOfFirstRecord": moment(arrival_of(records[0]), milliseconds=False),
            "approximateArrivalOfLastRecord": moment(arrival_of(records[-1]), milliseconds=False),
            "batchSize": len(records),
            "streamArn": stream_arn,
        },
    }
    if result is not None:
        told["responseContext"] = _response(result)
    return told


def send(arn: str, record: object, attributes: Mapping[str, str] | None = None) -> None:
    """Send `record` to the destination, in its Region; a destination that refuses it is logged, and it is lost."""
    body = json.dumps(record, default=str)
    described = {name: {"DataType": "String", "StringValue": value} for name, value in (attributes or {}).items()}
    _, _, service, region, account, resource = arn.split(":", 5)
    try:
        client = api(service, region)
        if service == "sqs":
            url = client.get_queue_url(QueueName=resource, QueueOwnerAWSAccountId=account)["QueueUrl"]
            client.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=described)
        elif service == "sns":
            client.publish(TopicArn=arn, Message=body, MessageAttributes=described)
        elif service == "lambda":
            client.invoke(FunctionName=arn, InvocationType="Event", Payload=body.encode())
        else:
            detail = {"Source": "lambda", "DetailType": "Lambda Function Invocation Result", "Detail": body}
            api("events", region).put_events(Entries=[{**detail, "EventBusName": arn}])
    except (BotoCoreError, ClientError) as error:
        _logger.warning("the destination %s did not take a record: %s", arn, error)


def _response(result: Mapping[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"statusCode": 429 if result.get("throttle") else 200, "executedVersion": "$LATEST"}
    if result.get("error"):
        answer["functionError"] = result.get("function_error") or "Unhandled"
    return answer


_COLONS = 6
"""How many colons the ARN of a function has without a qualifier."""
