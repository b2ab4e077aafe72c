"""What goes wrong with the ledger, apart from its driver, which takes a while to load."""

from __future__ import annotations


class LedgerUnavailableError(Exception):
    """The ledger cannot be reached or cannot be written just now: whoever asked may try again."""


class LedgerRefusedError(Exception):
    """The ledger refuses a value or a row for what it is (SQLSTATE classes 22 and 23): no retry will change that."""
