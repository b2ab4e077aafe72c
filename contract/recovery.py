"""The takeover switch, what `recover` says of its last look, and what the canary saw.

The items lie in the table of the takeover switch. It has one Region, the secondary, so that a consistent read is the
truth and nothing depends on replication.
"""

from __future__ import annotations

from contract.tables import PARTITION_KEY

SWITCH_KEY = {PARTITION_KEY: {"S": "takeover"}}
"""The key of the takeover switch: whether it is `active`, and the `reason` and the time, `at`, of its last move."""

EVIDENCE_KEY = {PARTITION_KEY: {"S": "recovery"}}
"""The key of what `recover` keeps between its invocations."""

REACHED_AT = "reached_at"
"""The attribute with when the canary last reached a Region, in epoch seconds."""

SAID, SAID_AT = "said", "said_at"
"""The attributes with what it began or declined, and when, in epoch seconds."""


def canary_key(region: str) -> dict[str, dict[str, str]]:
    """The key of what the secondary's canary saw of a Region."""
    return {PARTITION_KEY: {"S": f"canary#{region}"}}
