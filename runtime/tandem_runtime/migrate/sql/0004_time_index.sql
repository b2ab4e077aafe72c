-- A comparison of ledgers reads ranges of time. Rows come nearly in the order of their times, so an index that holds the
-- first and the last time of each stretch of pages is enough, and costs an insert next to nothing.
CREATE INDEX transactions_by_time ON ledger.transactions USING brin (recorded_at) WITH (pages_per_range = 32);
