-- The ledger: derived from the journal, double-entry, append-only. What the functions promise of every row, the database
-- holds them to. Whatever `Transaction.from_item` lets through passes here: a row that only the database refuses is
-- rejected, not retried, and somebody has to look at it.
CREATE SCHEMA ledger;

-- ISO 4217 as of 2026-11, its currencies without its units of account and metals, and the code that it
-- reserves for tests, in which only the canary posts.
-- Only codes are added here: an entry of a code that was withdrawn later keeps its meaning.
CREATE TABLE ledger.currencies (
    code char(3) PRIMARY KEY CHECK (code ~ '^[A-Z]{3}$'),
    exponent smallint NOT NULL CHECK (exponent BETWEEN 0 AND 4)
);
INSERT INTO ledger.currencies
SELECT unnest(string_to_array(
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP '
    'CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES '
    'KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK '
    'NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB '
    'TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG', ' ')), 2
UNION ALL
SELECT unnest(string_to_array('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF XTS', ' ')), 0
UNION ALL
SELECT unnest(string_to_array('BHD IQD JOD KWD LYD OMR TND', ' ')), 3;

-- One row is both sides of a transaction in one currency and one amount, in minor units, at most 10^15: far below bigint's
-- limit. So no check has to count entries or to add them up. Names compare by their bytes, as the indexes then do, too.
-- PostgreSQL unrolls a counted repetition in a regular expression, which would cost more than the insert of the row:
-- lengths are compared as numbers instead.
CREATE TABLE ledger.transactions (
    id uuid PRIMARY KEY,
    recorded_at timestamptz NOT NULL,
    amount bigint NOT NULL,
    currency char(3) NOT NULL,
    debit_account text COLLATE "C" NOT NULL,
    credit_account text COLLATE "C" NOT NULL,
    payload_hash text COLLATE "C" NOT NULL,
    origin text COLLATE "C" NOT NULL,
    description text NOT NULL,
    CONSTRAINT amount_is_in_range CHECK (amount BETWEEN 1 AND 1000000000000000),
    CONSTRAINT debit_account_is_a_name
        CHECK (length(debit_account) <= 64 AND debit_account ~ '^[A-Za-z0-9][A-Za-z0-9._:-]*$'),
    CONSTRAINT credit_account_is_a_name
        CHECK (length(credit_account) <= 64 AND credit_account ~ '^[A-Za-z0-9][A-Za-z0-9._:-]*$'),
    CONSTRAINT sides_are_two_accounts CHECK (debit_account <> credit_account),
    CONSTRAINT payload_hash_is_a_sha256 CHECK (length(payload_hash) = 64 AND payload_hash !~ '[^0-9a-f]'),
    CONSTRAINT origin_is_a_region CHECK (length(origin) BETWEEN 1 AND 32 AND origin !~ '[^a-z0-9-]')
);
-- An account's latest entries are read from the end of two indexes, however many it has. The id makes the order a total
-- one, so that a page ends where the next begins.
CREATE INDEX transactions_by_debit ON ledger.transactions (debit_account, recorded_at, id);
CREATE INDEX transactions_by_credit ON ledger.transactions (credit_account, recorded_at, id);

-- Debits are positive, credits negative: the entries of a transaction sum to zero.
CREATE VIEW ledger.entries AS
SELECT id AS transaction_id, debit_account AS account, currency, amount, recorded_at FROM ledger.transactions
UNION ALL
SELECT id, credit_account, currency, -amount, recorded_at FROM ledger.transactions;

-- The foreign key is how a transaction's currency is checked: every transaction writes the balances of its accounts. It is
-- looked up when an account's first entry in a currency makes a balance, and never again.
CREATE TABLE ledger.balances (
    account text COLLATE "C" NOT NULL,
    currency char(3) NOT NULL REFERENCES ledger.currencies (code),
    balance numeric(38, 0) NOT NULL,
    PRIMARY KEY (account, currency)
);

-- Same transaction id, another payload: both images are kept, nothing is overwritten.
CREATE TABLE ledger.conflicts (
    transaction_id uuid NOT NULL,
    payload_hash text NOT NULL,
    image jsonb NOT NULL,
    noticed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (transaction_id, payload_hash)
);

-- What the writer refused although the item is well formed; a verifier counts it as accounted for. A rejection speaks of
-- one payload: an item that was corrected is another, which a verifier must find in the ledger, and which may be rejected
-- in its turn. A transaction that was rejected and is here by now keeps its rejection as history.
CREATE TABLE ledger.rejections (
    transaction_id uuid NOT NULL,
    payload_hash text NOT NULL,
    reason text NOT NULL,
    rejected_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT rejections_pkey PRIMARY KEY (transaction_id, payload_hash)
);

-- Every journal item of `origin` recorded before `mark` is in this ledger. It lives here so that a ledger that is
-- discarded or restored takes its mark with it.
CREATE TABLE ledger.sweep_marks (
    origin text PRIMARY KEY,
    mark timestamptz NOT NULL,
    swept_at timestamptz NOT NULL
);

-- Whoever posts writes the balances, once for the whole statement and in the order of their accounts: two writers may wait
-- for each other, but they cannot deadlock.
CREATE FUNCTION ledger.add_to_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger.balances AS held (account, currency, balance)
    SELECT account, currency, sum(amount)
    FROM (
        SELECT debit_account, currency, amount FROM added
        UNION ALL
        SELECT credit_account, currency, -amount FROM added
    ) AS sides (account, currency, amount)
    GROUP BY account, currency ORDER BY account, currency
    ON CONFLICT (account, currency) DO UPDATE SET balance = held.balance + excluded.balance;
    RETURN NULL;
END $$;
CREATE TRIGGER add_to_balances AFTER INSERT ON ledger.transactions REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.add_to_balances();

CREATE FUNCTION ledger.append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.transactions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.conflicts
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.rejections
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.currencies
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.append_only();

CREATE FUNCTION ledger.balances_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'balances change only with the transactions that are posted' USING ERRCODE = 'restrict_violation';
END $$;
-- A balance is the sum of its entries whoever writes: the trigger above is the only one that is let through, because a
-- statement that no trigger runs has a depth of 0.
CREATE TRIGGER balances_follow BEFORE INSERT OR UPDATE OR DELETE ON ledger.balances
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.balances_follow();
CREATE TRIGGER balances_stay BEFORE TRUNCATE ON ledger.balances
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.balances_follow();
