"""Transactions that were taken twice with different payloads: what the ledger has recorded, and what is set aside."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contract.journal import PAYLOAD_HASH, id_of, key_of
from contract.tables import PARTITION_KEY
from operations.errors import OperationError
from operations.global_database import writer_region
from operations.ledger_query import query
from operations.quarantine import in_quarantine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

POSTED = """\
SELECT c.transaction_id::text, c.payload_hash, c.image::text, c.noticed_at::text, t.payload_hash
FROM ledger.conflicts c LEFT JOIN ledger.transactions t ON t.id = c.transaction_id
ORDER BY c.noticed_at, c.transaction_id"""
"""Each payload that lost, and the hash of the one that the ledger has posted under the same id."""


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A payload that lost. `posted_hash` is the one that the ledger has under this id, None where it has none.

    `journal_hash` is the one that the journal holds, None where it holds none.
    """

    transaction_id: str
    payload_hash: str
    image: Mapping[str, Any]
    noticed_at: str
    posted_hash: str | None
    journal_hash: str | None


@dataclass(frozen=True, kw_only=True)
class SetAside:
    """An image in quarantine that is not released: why, since when, and by which Region."""

    transaction_id: str
    reason: str
    since: str
    region: str


@dataclass(frozen=True, kw_only=True)
class Conflicts:
    """Both lists, and the Region whose ledger and journal were asked."""

    region: str
    recorded: tuple[Conflict, ...]
    set_aside: tuple[SetAside, ...]

    def plain(self) -> dict[str, Any]:
        """Return them as JSON takes them."""
        return asdict(self)


def conflicts(endpoint: Endpoint, deployment: Deployment) -> Conflicts:
    """Return what the writer's ledger has recorded, and what quarantine holds.

    AWS's Data API answers for the writer alone. Raises OperationError when ledger, journal or quarantine do not answer.
    """
    region = writer_region(endpoint, deployment)
    rows = query(endpoint, deployment, region, POSTED)
    held = _hashes(endpoint, deployment, region, {str(row[0]) for row in rows})
    return Conflicts(
        region=region,
        recorded=tuple(
            Conflict(
                transaction_id=str(number),
                payload_hash=str(payload_hash),
                image=json.loads(image),
                noticed_at=str(noticed_at),
                posted_hash=posted if isinstance(posted, str) else None,
                journal_hash=held.get(str(number)),
            )
            for number, payload_hash, image, noticed_at, posted in rows
        ),
        set_aside=tuple(
            SetAside(transaction_id=id_of(item.key), reason=item.reason, since=item.quarantined_at, region=item.region)
            for item in in_quarantine(endpoint, deployment)
            if item.released_at is None
        ),
    )


def _hashes(endpoint: Endpoint, deployment: Deployment, region: str, numbers: Iterable[str]) -> dict[str, str]:
    """The payload hash that the journal holds of each transaction."""
    held = {}
    for number in numbers:
        try:
            answer = endpoint.dynamodb(region).get_item(
                TableName=deployment.journal_table(region),
                Key={PARTITION_KEY: {"S": key_of(number)}},
                ConsistentRead=True,
                ProjectionExpression=PAYLOAD_HASH,
            )
        except (BotoCoreError, ClientError) as error:
            raise OperationError(f"the journal of {region} could not be read: {error}") from error
        if "Item" in answer:
            held[number] = answer["Item"][PAYLOAD_HASH]["S"]
    return held
