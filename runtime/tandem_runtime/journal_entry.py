"""One journalled transaction, and its shape as a DynamoDB item."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tandem_runtime.money import MAXIMUM_MINOR_UNITS, exponent_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BUCKETS_PER_MINUTE", "JournalEntry", "MalformedItemError", "bucket_of", "key_of"]

BUCKETS_PER_MINUTE = 4
"""Partitions of the time index per origin and minute: each takes 1,000 writes a second."""

ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_REGION = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)


class MalformedItemError(Exception):
    """A journal item that no retry will ever make projectable."""


def key_of(transaction_id: str) -> str:
    """The partition key of a transaction's journal item."""
    return f"transaction#{transaction_id}"


def bucket_of(origin: str, minute: str, number: int) -> str:
    """The time index's partition key; `minute` is `YYYY-MM-DDTHH:MM` in UTC."""
    return f"{origin}#{minute}#{number}"


@dataclass(frozen=True, kw_only=True)
class JournalEntry:
    """An acknowledged transaction. `amount` is in minor units; `recorded_at` is RFC 3339, UTC, microseconds."""

    transaction_id: str
    payload_hash: str
    origin: str
    recorded_at: str
    debit_account: str
    credit_account: str
    amount: int
    currency: str
    description: str = ""
    metadata: Mapping[str, str] | None = None

    def to_item(self) -> dict[str, Any]:
        """The item as DynamoDB's API takes it."""
        bucket = bucket_of(self.origin, self.recorded_at[:16], UUID(self.transaction_id).int % BUCKETS_PER_MINUTE)
        return {
            "pk": {"S": key_of(self.transaction_id)},
            "transaction_id": {"S": self.transaction_id},
            "payload_hash": {"S": self.payload_hash},
            "origin": {"S": self.origin},
            "recorded_at": {"S": self.recorded_at},
            "bucket": {"S": bucket},
            "debit_account": {"S": self.debit_account},
            "credit_account": {"S": self.credit_account},
            "amount": {"N": str(self.amount)},
            "currency": {"S": self.currency},
            "description": {"S": self.description},
            "metadata": {"S": json.dumps(self.metadata or {}, sort_keys=True, ensure_ascii=False)},
        }

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> JournalEntry:
        """Read an item back; raises `MalformedItemError`, a pure function of the item, when it cannot be projected."""
        try:
            entry = cls(
                transaction_id=str(UUID(item["transaction_id"]["S"])),
                payload_hash=item["payload_hash"]["S"],
                origin=item["origin"]["S"],
                recorded_at=item["recorded_at"]["S"],
                debit_account=item["debit_account"]["S"],
                credit_account=item["credit_account"]["S"],
                amount=int(item["amount"]["N"]),
                currency=item["currency"]["S"],
                description=item.get("description", {}).get("S", ""),
                metadata=json.loads(item.get("metadata", {}).get("S", "{}")),
            )
            entry._check(item)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise MalformedItemError(f"{type(error).__name__}: {error}") from error
        return entry

    def _check(self, item: Mapping[str, Any]) -> None:
        exponent_of(self.currency)
        recorded_at = datetime.fromisoformat(self.recorded_at)
        reasons = {
            "pk does not belong to the transaction id": item["pk"]["S"] != key_of(self.transaction_id),
            "payload hash is not a sha256": not _HASH.fullmatch(self.payload_hash),
            "origin is not a region": not _REGION.fullmatch(self.origin),
            "recorded_at has no time zone": recorded_at.tzinfo is None,
            "an account is out of range": not (
                ACCOUNT.fullmatch(self.debit_account) and ACCOUNT.fullmatch(self.credit_account)
            ),
            "both sides are the same account": self.debit_account == self.credit_account,
            "amount is out of range": not 0 < self.amount <= MAXIMUM_MINOR_UNITS,
            "description holds a nul byte": "\0" in self.description,
        }
        for reason, holds in reasons.items():
            if holds:
                raise ValueError(reason)
