-- The functions' user: IAM authentication, no password, and no right to change what was posted.
CREATE ROLE tandem_app LOGIN;
GRANT rds_iam TO tandem_app;
GRANT USAGE ON SCHEMA ledger TO tandem_app;
GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO tandem_app;
GRANT INSERT ON ledger.transactions, ledger.entries, ledger.conflicts, ledger.rejections TO tandem_app;
GRANT INSERT, UPDATE ON ledger.balances, ledger.sweep_marks TO tandem_app;
GRANT INSERT, DELETE ON ledger.sweep_observations TO tandem_app;
