"""How each DynamoDB table of ours calls its keys, and the attribute by which items expire."""

from __future__ import annotations

PARTITION_KEY = "pk"
SORT_KEY = "sk"
EXPIRES_AT = "expires_at"
"""Epoch seconds; set on items of the operational table only."""
