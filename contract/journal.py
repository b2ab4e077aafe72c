"""How a transaction lies in the journal table: its key, and the index that sweeps read."""

from __future__ import annotations

TRANSACTION_PREFIX = "transaction#"
"""How the partition key of a transaction's item begins; what begins otherwise is no transaction."""

RECORDED_AT = "recorded_at"
"""The attribute with the time at which the transaction was journalled: the time index is sorted by it."""

PAYLOAD_HASH = "payload_hash"
"""The attribute with the hash of the payload: the time index tells it, so that a sweep compares without the item."""

BUCKET = "bucket"
"""The attribute with the partition of the time index."""

TIME_INDEX = "by-origin-minute"
"""The index that sweeps read: partitioned by origin, minute and bucket, sorted by the time of recording."""

BUCKETS_PER_MINUTE = 4
"""Partitions of the time index per origin and minute: each takes 1,000 writes a second."""


def key_of(transaction_id: str) -> str:
    """The partition key of a transaction's item."""
    return TRANSACTION_PREFIX + transaction_id


def id_of(key: str) -> str:
    """The id in the partition key of a transaction's item."""
    return key.removeprefix(TRANSACTION_PREFIX)


def is_transaction(key: str) -> bool:
    """Whether an item with this partition key is a transaction's."""
    return key.startswith(TRANSACTION_PREFIX)


def bucket_of(origin: str, minute: str, number: int) -> str:
    """The time index's partition key; `minute` is `YYYY-MM-DDTHH:MM` in UTC."""
    return f"{origin}#{minute}#{number}"
