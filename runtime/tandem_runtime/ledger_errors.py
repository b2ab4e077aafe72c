"""What goes wrong with the ledger, apart from its driver, which takes a while to load."""

from __future__ import annotations

__all__ = ["LedgerUnavailableError"]


class LedgerUnavailableError(Exception):
    """The ledger cannot be reached or cannot be written just now: whoever asked may try again."""
