-- A rejection speaks of one payload: an item that was corrected is another, which a verifier must find in the ledger,
-- and which may be rejected in its turn. A transaction that was rejected and is here by now keeps its rejection as history.
ALTER TABLE ledger.rejections DROP CONSTRAINT rejections_pkey, ADD PRIMARY KEY (transaction_id, payload_hash);
