"""What `recover` says of its last look, where `tandem status` reads it.

The item lies in the table of the takeover switch. It has one Region, the secondary, so that a consistent read is the
truth and nothing depends on replication.
"""

from __future__ import annotations

from contract.tables import PARTITION_KEY

EVIDENCE_KEY = {PARTITION_KEY: {"S": "recovery"}}
"""The key of what `recover` keeps between its invocations."""

SAID, SAID_AT = "said", "said_at"
"""The attributes with what it began or declined, and when, in epoch seconds."""
