"""How a backup vault is marked that is emptied and deleted with its stack."""

from __future__ import annotations

REMOVAL_TAG = "tandem:removal"
REMOVED_WITH_STACK = "with-stack"
