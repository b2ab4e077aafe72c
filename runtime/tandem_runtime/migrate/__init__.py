"""`migrate`, the function that brings the ledger's schema up to date."""
