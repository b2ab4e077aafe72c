"""How documents are copied between the Regions, as S3 names it."""

from __future__ import annotations

_FORWARD, _REVERSE = "documents", "reverse"


def rule_from(*, primary: bool) -> str:
    """Return the id of the rule that copies from the primary Region's bucket, or from the secondary's.

    S3 names the rule's metrics by it (S3 User Guide, replication metrics dimensions).
    """
    return _FORWARD if primary else _REVERSE
