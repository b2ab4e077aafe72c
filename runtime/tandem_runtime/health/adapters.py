"""The probe of the local journal replica."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from contract.tables import PARTITION_KEY
from tandem_runtime.shared.backoff import pauses

if TYPE_CHECKING:
    from collections.abc import Callable

_PROBE_TRIES = 3
_FIRST_PAUSE_SECONDS = 0.02
"""Three tries and their pauses stay well below the second in which a health check is to be answered."""


def probe(
    dynamodb: Any, table: str, *, region: str, strong: bool, now: float, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Write and read `region`'s own probe item; raises what DynamoDB raises.

    An isolated replica of a strongly consistent table refuses both, and DNS must then move. The item is the Region's
    own because a strong table refuses writes of one item that meet in two Regions (DynamoDB Developer Guide,
    multi-Region strong consistency), which says nothing about either Region; such a refusal is tried again.
    """
    key = {PARTITION_KEY: {"S": f"probe#health#{region}"}}
    for pause in [*pauses(tries=_PROBE_TRIES, first=_FIRST_PAUSE_SECONDS, most=_FIRST_PAUSE_SECONDS * 2), None]:
        try:
            dynamodb.put_item(TableName=table, Item={**key, "at": {"N": repr(now)}})
        except dynamodb.exceptions.ClientError as error:
            if pause is None or error.response["Error"]["Code"] != "ReplicatedWriteConflictException":
                raise
            sleep(pause)
        else:
            break
    dynamodb.get_item(TableName=table, Key=key, ConsistentRead=strong)
