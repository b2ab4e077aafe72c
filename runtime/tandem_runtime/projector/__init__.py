"""`projector`, the function that brings the ledger up to the journal's stream."""
