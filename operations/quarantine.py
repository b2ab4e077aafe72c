"""`tandem quarantine`: what the ledger cannot take, and its release once the code or the item is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contract.journal import key_of
from contract.operational import QUARANTINE
from contract.tables import PARTITION_KEY
from operations.errors import OperationError, WrongInputError
from operations.global_database import writer_region
from operations.sweeping import release_when_free

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from operations.deployment import Deployment
    from operations.endpoint import Endpoint


@dataclass(frozen=True, kw_only=True)
class QuarantinedItem:
    """An image of a journal item in quarantine: why, since when (RFC 3339), and which Region put it there.

    `released_at` is when the writer's ledger was seen to account for it; it is removed from quarantine once the other
    Region's ledger has it too.
    """

    key: str
    reason: str
    quarantined_at: str
    region: str
    released_at: str | None


def in_quarantine(endpoint: Endpoint, deployment: Deployment) -> list[QuarantinedItem]:
    """Return what is in quarantine, oldest first, from whichever Region answers: its table is a global one."""
    problems = []
    for region in deployment.regions.both:
        if not deployment.has(region):
            continue
        table = deployment.operational_table(region)
        pages = (
            endpoint.dynamodb(region)
            .get_paginator("query")
            .paginate(
                TableName=table,
                KeyConditionExpression=f"{PARTITION_KEY} = :pk",
                ExpressionAttributeNames={"#key": "key", "#region": "region"},
                ExpressionAttributeValues={":pk": {"S": QUARANTINE}},
                ProjectionExpression="#key, reason, quarantined_at, #region, released_at",
                ConsistentRead=True,  # what was just released is listed as released
            )
        )
        try:
            items = [_item(item) for page in pages for item in page["Items"]]
        except (BotoCoreError, ClientError) as error:
            problems.append(f"{region}: {error}")
            continue
        return sorted(items, key=lambda item: (item.quarantined_at, item.key))
    raise OperationError(f"no Region tells what is in quarantine: {'; '.join(problems) or 'none answered'}")


def count_held(items: Sequence[QuarantinedItem]) -> int:
    """How many of these are not released."""
    return sum(item.released_at is None for item in items)


def release(endpoint: Endpoint, deployment: Deployment, keys: Sequence[str] | None) -> dict[str, Any]:
    """Have the writer's sweeper look again at `keys`, or at everything, as the journal holds it now.

    Returns its answer: `released` keys, and `staying` keys with the reason. Raises OperationError when the Region that
    should write does not. Safe to repeat.
    """
    writer = writer_region(endpoint, deployment)
    answer = release_when_free(endpoint, deployment, writer, "all" if keys is None else list(keys))
    if answer.get("role") != "writer":
        raise OperationError(f"{writer} does not write the ledger just now: run `tandem status`, then this again")
    return answer


def run(
    endpoint: Endpoint,
    deployment: Deployment,
    action: str,
    keys: Sequence[str],
    *,
    everything: bool,
    say: Callable[[str], None],
) -> int:
    """Do what the command line says; return 0, or 3 when something that was to be released stays.

    Raises WrongInputError for keys that do not fit the action or are not in quarantine.
    """
    items = in_quarantine(endpoint, deployment)
    if action == "list":
        if keys or everything:
            raise WrongInputError("list takes no keys: give tandem quarantine release KEY")
        for item in items:
            state = f", released {item.released_at}" if item.released_at else ""
            say(f"{item.key}: {item.reason} ({item.region}, {item.quarantined_at}{state})")
        say(f"{count_held(items)} held")
        return 0
    if bool(keys) == everything:
        raise WrongInputError("say what to release: tandem quarantine release KEY..., or --all")
    asked = None if everything else [key if "#" in key else key_of(key) for key in keys]
    unknown = sorted(set(asked or []) - {item.key for item in items})
    if unknown:
        raise WrongInputError(f"{unknown[0]!r} is not in quarantine: tandem quarantine list shows what is")
    answer = release(endpoint, deployment, asked)
    released, staying = answer.get("released", []), answer.get("staying", {})
    for key in released:
        say(f"{key}: released")
    for key in sorted(set(asked or []) - set(released) - set(staying)):
        say(f"{key}: released already")
    for key, reason in staying.items():
        say(f"{key}: stays: {reason}")
    return 3 if staying else 0


def _item(item: dict[str, Any]) -> QuarantinedItem:
    def text(name: str) -> str:
        return str(item.get(name, {}).get("S", ""))

    return QuarantinedItem(
        key=text("key"),
        reason=text("reason"),
        quarantined_at=text("quarantined_at"),
        region=text("region"),
        released_at=text("released_at") or None,
    )
