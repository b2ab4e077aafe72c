"""Somebody disables the customer key of the primary Region: its data is there, and nobody may read or write it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from drills.history.events import Faulted, Mended
from operations.errors import OperationError

if TYPE_CHECKING:
    from drills.context import DrillContext

WHAT = "customer key"


def key_of(context: DrillContext) -> str:
    """Return the ARN of the key that encrypts the primary Region's journal; raises OperationError without one."""
    region = context.primary
    name = context.deployment.journal_table(region)
    try:
        table = context.endpoint.dynamodb(region).describe_table(TableName=name)["Table"]
    except (BotoCoreError, ClientError) as error:
        raise OperationError(f"{name} of {region} is not described: {error}") from error
    key = table.get("SSEDescription", {}).get("KMSMasterKeyArn")
    if not key:
        raise OperationError(f"{name} of {region} is encrypted by no customer key: deploy the stage again")
    return key


def disable_key(context: DrillContext) -> None:
    """Disable it, as a mistake or an intruder does. The key of the other Region is a key of its own."""
    key = key_of(context)
    with context.phase(f"disable the {WHAT} of {context.primary}"):
        context.history.append(Faulted(at=time.monotonic(), what=WHAT, region=context.primary, outage=True))
        context.endpoint.client("kms", context.primary).disable_key(KeyId=key)


def enable_key(context: DrillContext) -> None:
    """Enable it again."""
    key = key_of(context)
    with context.phase(f"enable the {WHAT} of {context.primary}"):
        context.history.append(Mended(at=time.monotonic(), what=WHAT, region=context.primary))
        context.endpoint.client("kms", context.primary).enable_key(KeyId=key)
