-- Transactions whose ids are those of `ledger_database.name_of`.
WITH chosen AS MATERIALIZED (
    SELECT md5(g::text)::uuid AS id, encode(sha256(g::text::bytea), 'hex') AS payload_hash, 1 + g % 1000 AS amount,
           'account-' || g % :accounts AS debit, 'account-' || (g + 1 + g % 97) % :accounts AS credit
    FROM generate_series(:first ::bigint, :last ::bigint) g
), headers AS (
    INSERT INTO ledger.transactions
    SELECT id, payload_hash, 'us-east-1', '2026-01-01T00:00:00Z', 'EUR', 'invoice' FROM chosen
), posted AS (
    INSERT INTO ledger.entries
    SELECT id, side.account, 'EUR', side.amount FROM chosen
    CROSS JOIN LATERAL (VALUES (debit, amount), (credit, -amount)) AS side (account, amount)
    RETURNING account, currency, amount
)
INSERT INTO ledger.balances AS held (account, currency, balance)
SELECT account, currency, sum(amount) FROM posted GROUP BY account, currency
ON CONFLICT (account, currency) DO UPDATE SET balance = held.balance + excluded.balance
