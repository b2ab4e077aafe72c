"""`stream`: a CloudFormation custom resource that answers with the ARN of a table's stream in its own Region.

The stream of a strong table's replica is not there by default and is never synchronized from another replica
(DynamoDB Developer Guide, How global tables work), and its ARN ends in a time that only its own Region knows.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from contract.environment import Place, region_of
from tandem_runtime.shared import telemetry
from tandem_runtime.shared.clients import client
from tandem_runtime.stream.adapters import RegionTable
from tandem_runtime.stream.logic import stream_of

if TYPE_CHECKING:
    from collections.abc import Mapping

region = region_of(os.environ)
logger = telemetry.logger(Place.read(os.environ).service)

_PAUSE_SECONDS = 2
_ANSWER_MILLISECONDS = 30_000
"""What is kept of the function's time to answer."""


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answer CDK's provider framework: find or enable the stream on Create and Update, leave it alone on Delete."""
    table = event["ResourceProperties"]["Table"]
    answer: dict[str, Any] = {"PhysicalResourceId": f"stream-of-{table}"}
    if event["RequestType"] != "Delete":
        arn = stream_of(
            RegionTable(client("dynamodb", region), table),
            time_is_left=lambda: context.get_remaining_time_in_millis() > _ANSWER_MILLISECONDS,
            pause=lambda: time.sleep(_PAUSE_SECONDS),
        )
        logger.info("stream", extra={"stream": arn})
        answer["Data"] = {"StreamArn": arn}
    return answer
