"""Copy the journal of a stage that cannot be changed into the stage that takes its place."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from contract.journal import PAYLOAD_HASH, id_of, is_transaction
from contract.tables import PARTITION_KEY
from operations.clock import CLOCK, Clock
from operations.errors import OperationError, WrongInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

_AT_ONCE = 16
"""Writes on their way at a time: a strong table answers each after the way between two Regions."""
_TOLD_EVERY = 1000
_TRIES = 8
_AGAIN = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ReplicatedWriteConflictException",
        "RequestLimitExceeded",
        "ThrottlingException",
    }
)
"""Refusals that DynamoDB's documents say to try again after a pause."""


@dataclass(frozen=True, kw_only=True)
class Copied:
    """How many items were written, and how many were there already; the ids that the target holds otherwise."""

    written: int
    there: int
    others: tuple[str, ...]


def copy_journal(
    endpoint: Endpoint,
    source: Deployment,
    target: Deployment,
    *,
    say: Callable[[str], None] = lambda _: None,
    clock: Clock = CLOCK,
) -> Copied:
    """Write every transaction of the source's journal, as it is, into the target's; each at most once.

    Items keep their ids, their payload hash, their caller and the time at which they were recorded, so that a client's
    retry finds its transaction in the new stage, and the new ledger posts it once. What is there already stays. Safe to
    interrupt and to repeat: a run that writes nothing says that nothing was left. Raises WrongInputError when both are
    one stage, OperationError when a table cannot be read or written.
    """
    if source.stage == target.stage:
        raise WrongInputError(f"both stages are {source.stage!r}: give the old one with --from and the new one")
    region = target.regions.primary
    write = partial(_write, endpoint.dynamodb(region), target.journal_table(region), clock)
    written = there = 0
    others: list[str] = []
    try:
        with ThreadPoolExecutor(_AT_ONCE) as writers:
            items = _transactions(endpoint, source)
            while chunk := list(islice(items, _TOLD_EVERY)):
                for key, outcome in writers.map(write, chunk):
                    written += outcome == "written"
                    there += outcome == "there"
                    if outcome == "other":
                        others.append(id_of(key))
                say(f"{written} items written, {there} were there")
    except ClientError as error:
        raise OperationError(f"the journal was copied in part: {error}: run it again, it goes on") from error
    return Copied(written=written, there=there, others=tuple(others))


def _transactions(endpoint: Endpoint, source: Deployment) -> Iterator[Mapping[str, Any]]:
    """All transactions of the source, read consistently: what it acknowledged before this began is among them."""
    region = source.regions.primary
    pages = endpoint.dynamodb(region).get_paginator("scan")
    for page in pages.paginate(TableName=source.journal_table(region), ConsistentRead=True):
        for item in page["Items"]:
            if is_transaction(item[PARTITION_KEY]["S"]):
                yield item


def _write(dynamodb: Any, table: str, clock: Clock, item: Mapping[str, Any]) -> tuple[str, str]:
    """Write an item that is not there; tell whether it was written, was there, or lies there with another payload."""
    key = item[PARTITION_KEY]["S"]
    for attempt in range(_TRIES):
        try:
            dynamodb.put_item(
                TableName=table,
                Item=item,
                ConditionExpression=f"attribute_not_exists({PARTITION_KEY})",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "ConditionalCheckFailedException":
                held: Mapping[str, Any] = error.response.get("Item", {})  # type: ignore[assignment]
                return key, "there" if held.get(PAYLOAD_HASH) == item.get(PAYLOAD_HASH) else "other"
            if code not in _AGAIN or attempt == _TRIES - 1:
                raise
            clock.sleep(0.05 * 2**attempt)
        else:
            return key, "written"
    raise AssertionError("unreachable: the last attempt returns or raises")
