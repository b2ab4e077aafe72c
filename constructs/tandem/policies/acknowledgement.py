"""What it takes not to follow a rule: a construct, the rules, and a reason."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Acknowledged"]


@dataclass(frozen=True, kw_only=True)
class Acknowledged:
    """Rules that the constructs whose path matches `path` (a shell pattern) do not follow, and why."""

    path: str
    rules: tuple[str, ...]
    reason: str
    destroyable_only: bool = False
    """Holds in stages that may be destroyed; where data is retained the rule is followed."""
