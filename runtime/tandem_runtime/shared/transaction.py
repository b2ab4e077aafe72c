"""A transaction, and the journal item that records it in DynamoDB."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from contract.journal import BUCKET, BUCKETS_PER_MINUTE, PAYLOAD_HASH, RECORDED_AT, bucket_of, key_of
from contract.tables import PARTITION_KEY
from tandem_runtime.shared.money import MAXIMUM_MINOR_UNITS, exponent_of

if TYPE_CHECKING:
    from collections.abc import Mapping


ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_REGION = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)
_AMOUNT = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


class MalformedItemError(Exception):
    """A journal item that no retry will ever make projectable."""


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """A transaction, from the request to the ledger.

    `amount` is in minor units; `recorded_at` is RFC 3339, in UTC, to the microsecond. `caller` says who recorded it; it
    stays in the journal, and is no part of the payload.
    """

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
    caller: str = ""

    def to_item(self) -> dict[str, Any]:
        """The item as DynamoDB's API takes it."""
        bucket = bucket_of(self.origin, self.recorded_at[:16], UUID(self.transaction_id).int % BUCKETS_PER_MINUTE)
        return {
            PARTITION_KEY: {"S": key_of(self.transaction_id)},
            "transaction_id": {"S": self.transaction_id},
            PAYLOAD_HASH: {"S": self.payload_hash},
            "origin": {"S": self.origin},
            RECORDED_AT: {"S": self.recorded_at},
            BUCKET: {"S": bucket},
            "debit_account": {"S": self.debit_account},
            "credit_account": {"S": self.credit_account},
            "amount": {"N": str(self.amount)},
            "currency": {"S": self.currency},
            "description": {"S": self.description},
            "metadata": {"S": json.dumps(self.metadata or {}, sort_keys=True, ensure_ascii=False)},
            **({"caller": {"S": self.caller}} if self.caller else {}),
        }

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Transaction:
        """Read an item back; raises `MalformedItemError`, a pure function of the item, when it cannot be projected.

        Only what `to_item` writes is let through: what is close to it would mean one thing to Python, another to SQL.
        """
        try:
            transaction = cls(
                transaction_id=_uuid(_text(item, "transaction_id")),
                payload_hash=_text(item, PAYLOAD_HASH),
                origin=_text(item, "origin"),
                recorded_at=_text(item, RECORDED_AT),
                debit_account=_text(item, "debit_account"),
                credit_account=_text(item, "credit_account"),
                amount=_minor_units(_text(item, "amount", "N")),
                currency=_text(item, "currency"),
                description=_text(item, "description") if "description" in item else "",
                metadata=json.loads(_text(item, "metadata")) if "metadata" in item else {},
                caller=_text(item, "caller") if "caller" in item else "",
            )
            transaction._check(item)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            reason = f"{type(error).__name__}: {error}".encode("utf-8", "replace").decode()
            raise MalformedItemError(reason[:400]) from error
        return transaction

    def _check(self, item: Mapping[str, Any]) -> None:
        exponent_of(self.currency)
        reasons = {
            "pk does not belong to the transaction id": _text(item, PARTITION_KEY) != key_of(self.transaction_id),
            "payload hash is not a sha256": not _HASH.fullmatch(self.payload_hash),
            "origin is not a region": not _REGION.fullmatch(self.origin),
            "recorded_at is not a time like 2026-01-31T12:00:00.000000Z": not _TIME.fullmatch(self.recorded_at),
            "an account is out of range": not (
                ACCOUNT.fullmatch(self.debit_account) and ACCOUNT.fullmatch(self.credit_account)
            ),
            "both sides are the same account": self.debit_account == self.credit_account,
            "amount is out of range": not 0 < self.amount <= MAXIMUM_MINOR_UNITS,
            "description holds a nul byte": "\0" in self.description,
            "metadata is not an object of strings": not (
                isinstance(self.metadata, dict) and all(isinstance(value, str) for value in self.metadata.values())
            ),
        }
        for reason, holds in reasons.items():
            if holds:
                raise ValueError(reason)
        datetime.fromisoformat(self.recorded_at)
        # half a character cannot be sent to the ledger: DynamoDB holds none, but an escape in the metadata can, and all
        # other texts are of the characters that a check above names
        "".join((self.description, *(self.metadata or {}), *(self.metadata or {}).values())).encode()


def _uuid(text: str) -> str:
    """The id as `to_item` writes it; most are written so already, and making a `UUID` takes several times as long."""
    return text if _UUID.fullmatch(text) else str(UUID(text))


def _minor_units(number: str) -> int:
    if not _AMOUNT.fullmatch(number):
        raise ValueError("amount is not a whole number of minor units above zero")
    return int(number)


def _text(item: Mapping[str, Any], name: str, kind: str = "S") -> str:
    """An attribute's value, which must be of that type; raises what `from_item` catches."""
    if name not in item:
        raise ValueError(f"{name} is missing")
    value = item[name].get(kind)
    if not isinstance(value, str):
        raise TypeError(f"{name} is not of type {kind}")
    return value
