"""What the ledger's database is called, and who connects to it."""

from __future__ import annotations

DATABASE = "ledger"
ADMINISTRATOR = "ledger_admin"
APPLICATION_USER = "tandem_app"
"""The migrations create it; it connects with a token of IAM."""

PORT = 5432
