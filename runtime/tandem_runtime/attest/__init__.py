"""`attest`, the function that has a restored ledger proven, and tells AWS Backup what came out."""
