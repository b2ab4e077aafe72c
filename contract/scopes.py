"""The scopes that a token needs, by default: the settings may name an issuer's own."""

from __future__ import annotations

WRITE = "tandem/write"
"""To post transactions and documents."""

READ = "tandem/read"
"""To read what the caller posted."""

ACCOUNTS = "tandem/accounts"
"""To read accounts, which are everybody's."""
