-- One payload of a transaction may be refused and another be posted, when two Regions took the same key while neither saw
-- the other: a rejection accounts for its own payload only.
ALTER TABLE ledger.rejections
    DROP CONSTRAINT rejections_pkey,
    ADD PRIMARY KEY (transaction_id, payload_hash);
