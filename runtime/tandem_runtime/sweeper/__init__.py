"""`sweeper`, the function that brings the ledger up to the journal itself."""
