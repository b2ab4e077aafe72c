"""`prove`, the function that compares a restored ledger with the journal up to the ledger's time."""
