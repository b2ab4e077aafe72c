-- The statement of commit cdff92e that inserted a batch.
WITH batch AS (
    SELECT * FROM unnest(
        :ids ::uuid[], :payload_hashes ::text[], :origins ::text[], :recorded_ats ::timestamptz[], :currencies ::text[],
        :descriptions ::text[], :debit_accounts ::text[], :credit_accounts ::text[], :amounts ::bigint[]
    ) AS b (id, payload_hash, origin, recorded_at, currency, description, debit_account, credit_account, amount)
), inserted AS (
    INSERT INTO ledger.transactions (id, payload_hash, origin, recorded_at, currency, description)
    SELECT id, payload_hash, origin, recorded_at, currency, description FROM batch ORDER BY id
    ON CONFLICT (id) DO NOTHING RETURNING id
), posted AS (
    INSERT INTO ledger.entries (transaction_id, account, currency, amount)
    SELECT b.id, side.account, b.currency, side.amount
    FROM batch b
    CROSS JOIN LATERAL (VALUES (b.debit_account, b.amount), (b.credit_account, -b.amount)) AS side (account, amount)
    WHERE (b.id IN (SELECT id FROM inserted)) IS TRUE
    RETURNING account, currency, amount
), balanced AS (
    INSERT INTO ledger.balances AS held (account, currency, balance)
    SELECT account, currency, sum(amount) FROM posted GROUP BY account, currency ORDER BY account, currency
    ON CONFLICT (account, currency) DO UPDATE SET balance = held.balance + excluded.balance
)
SELECT (SELECT count(*) FROM inserted), array_agg(b.id::text)
FROM batch b
WHERE (b.id IN (SELECT id FROM inserted)) IS NOT TRUE
  AND (SELECT t.payload_hash FROM ledger.transactions t WHERE t.id = b.id) IS DISTINCT FROM b.payload_hash
