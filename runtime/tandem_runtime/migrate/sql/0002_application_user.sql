-- The functions' user: IAM authentication, no password, and no right to change what was posted.
CREATE ROLE tandem_app LOGIN;
GRANT rds_iam TO tandem_app;
GRANT USAGE ON SCHEMA ledger TO tandem_app;
GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO tandem_app;
GRANT INSERT ON ledger.transactions, ledger.conflicts, ledger.rejections TO tandem_app;
-- The balances are written by the trigger of whoever posts; another one refuses every other way.
GRANT INSERT, UPDATE ON ledger.balances, ledger.sweep_marks TO tandem_app;

-- All that the functions ask is a look-up by key, or the last rows of an index. A session keeps the plans it made while a
-- table was small, when reading and sorting all of it was cheapest, after it has grown. No statement runs long enough to be
-- worth compiling.
ALTER ROLE tandem_app SET enable_seqscan = off;
ALTER ROLE tandem_app SET enable_bitmapscan = off;
ALTER ROLE tandem_app SET jit = off;
