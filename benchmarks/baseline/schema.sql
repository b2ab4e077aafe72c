-- The ledger's schema of commit cdff92e, its six migrations one after the other, without the role: the baseline of ledger_rate.
-- The ledger: derived from the journal, double-entry, append-only.
CREATE SCHEMA ledger;

CREATE TABLE ledger.transactions (
    id uuid PRIMARY KEY,
    payload_hash text NOT NULL,
    origin text NOT NULL,
    recorded_at timestamptz NOT NULL,
    currency char(3) NOT NULL,
    description text NOT NULL
);

-- Debits are positive, credits negative, in minor units: the entries of a transaction sum to zero.
CREATE TABLE ledger.entries (
    transaction_id uuid NOT NULL REFERENCES ledger.transactions (id),
    account text NOT NULL,
    currency char(3) NOT NULL,
    amount bigint NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (transaction_id, account)
);
CREATE INDEX entries_by_account ON ledger.entries (account, transaction_id);

CREATE TABLE ledger.balances (
    account text NOT NULL,
    currency char(3) NOT NULL,
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

-- What the writer refused although the item is well formed; a verifier counts it as accounted for.
CREATE TABLE ledger.rejections (
    transaction_id uuid PRIMARY KEY,
    payload_hash text NOT NULL,
    reason text NOT NULL,
    rejected_at timestamptz NOT NULL DEFAULT now()
);

-- Every journal item of `origin` recorded before `mark` is in this ledger. It lives here so that a ledger that is
-- discarded or restored takes its mark with it.
CREATE TABLE ledger.sweep_marks (
    origin text PRIMARY KEY,
    mark timestamptz NOT NULL,
    swept_at timestamptz NOT NULL
);

-- What earlier sweeps saw of each origin's heartbeat: the evidence on which a mark may rise.
CREATE TABLE ledger.sweep_observations (
    origin text NOT NULL,
    observed_at timestamptz NOT NULL,
    heartbeat_at timestamptz NOT NULL,
    PRIMARY KEY (origin, observed_at)
);

CREATE FUNCTION ledger.entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added GROUP BY transaction_id, currency HAVING sum(amount) <> 0) THEN
        RAISE EXCEPTION 'entries of a transaction must sum to zero' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
-- A statement posts whole transactions, so it is checked as a whole: a row trigger would cost more than the insert.
CREATE TRIGGER entries_balance AFTER INSERT ON ledger.entries REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.entries_balance();

CREATE FUNCTION ledger.append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.transactions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.append_only();
-- The functions' user: IAM authentication, no password, and no right to change what was posted.
GRANT USAGE ON SCHEMA ledger TO tandem_app;
GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO tandem_app;
GRANT INSERT ON ledger.transactions, ledger.entries, ledger.conflicts, ledger.rejections TO tandem_app;
GRANT INSERT, UPDATE ON ledger.balances, ledger.sweep_marks TO tandem_app;
GRANT INSERT, DELETE ON ledger.sweep_observations TO tandem_app;
-- What the functions promise of every row, the database holds them to. Whatever `JournalEntry.from_item` lets through
-- passes here: a row that only the database refuses is rejected, not retried, and somebody has to look at it.
-- Tables are locked in the order in which projector, sweeper and API lock them, so that this waits and never deadlocks.
CREATE TABLE ledger.currencies (
    code char(3) PRIMARY KEY CHECK (code ~ '^[A-Z]{3}$'),
    exponent smallint NOT NULL CHECK (exponent BETWEEN 0 AND 4)
);
INSERT INTO ledger.currencies
SELECT unnest(string_to_array(
    'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY '
    'COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS '
    'INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR '
    'MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD '
    'SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG', ' ')), 2
UNION ALL
SELECT unnest(string_to_array('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF', ' ')), 0
UNION ALL
SELECT unnest(string_to_array('BHD IQD JOD KWD LYD OMR TND', ' ')), 3;
GRANT SELECT ON ledger.currencies TO tandem_app;

ALTER TABLE ledger.transactions
    ADD CONSTRAINT payload_hash_is_a_sha256 CHECK (payload_hash ~ '^[0-9a-f]{64}$'),
    ADD CONSTRAINT origin_is_a_region CHECK (origin ~ '^[a-z0-9-]{1,32}$');

-- One transaction's amount is at most 10^15 minor units, far below bigint's limit.
ALTER TABLE ledger.entries
    ADD CONSTRAINT account_is_a_name CHECK (account ~ '^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$'),
    ADD CONSTRAINT amount_is_in_range CHECK (amount BETWEEN -1000000000000000 AND 1000000000000000);

-- A foreign key would lock the few rows of the currencies at every insert; nothing is ever removed from them.
CREATE FUNCTION ledger.transactions_are_posted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added a WHERE NOT EXISTS (SELECT FROM ledger.currencies c WHERE c.code = a.currency)) THEN
        RAISE EXCEPTION 'currency of a transaction must be in ledger.currencies' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT FROM added a LEFT JOIN ledger.entries e ON e.transaction_id = a.id
        GROUP BY a.id HAVING count(e.account) <> 2
    ) THEN
        RAISE EXCEPTION 'a transaction must have two entries' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER transactions_are_posted AFTER INSERT ON ledger.transactions REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.transactions_are_posted();

-- Takes the place of the check of the added rows alone: what was there before counts too.
CREATE OR REPLACE FUNCTION ledger.entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM ledger.entries e JOIN ledger.transactions t ON t.id = e.transaction_id
        WHERE e.transaction_id IN (SELECT transaction_id FROM added)
        GROUP BY t.id HAVING sum(e.amount) <> 0 OR count(*) <> 2 OR bool_or(e.currency <> t.currency)
    ) THEN
        RAISE EXCEPTION 'a transaction''s two entries must sum to zero in its currency' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.conflicts
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.rejections
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.currencies
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.append_only();
-- A rejection speaks of one payload: an item that was corrected is another, which a verifier must find in the ledger,
-- and which may be rejected in its turn. A transaction that was rejected and is here by now keeps its rejection as history.
ALTER TABLE ledger.rejections DROP CONSTRAINT rejections_pkey, ADD PRIMARY KEY (transaction_id, payload_hash);
-- The same constraints at a lower price. PostgreSQL unrolls a counted repetition in a regular expression, which cost more
-- than the insert of the row: lengths are compared as numbers instead.
ALTER TABLE ledger.transactions
    DROP CONSTRAINT payload_hash_is_a_sha256,
    ADD CONSTRAINT payload_hash_is_a_sha256 CHECK (length(payload_hash) = 64 AND payload_hash !~ '[^0-9a-f]'),
    DROP CONSTRAINT origin_is_a_region,
    ADD CONSTRAINT origin_is_a_region CHECK (length(origin) BETWEEN 1 AND 32 AND origin !~ '[^a-z0-9-]');
ALTER TABLE ledger.entries
    DROP CONSTRAINT account_is_a_name,
    ADD CONSTRAINT account_is_a_name CHECK (length(account) <= 64 AND account ~ '^[A-Za-z0-9][A-Za-z0-9._:-]*$');

-- Checks by look-up, a transaction at a time: their cost follows the rows that were added, never the rows that are there.
-- A trigger's plan is made once per session, by what the tables hold at that moment, and serves batches and tables of any
-- size afterwards: a join that suits the first batch reads the whole table for each later one. A scalar subquery never
-- becomes a join.
CREATE OR REPLACE FUNCTION ledger.transactions_are_posted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT currency FROM added) a
        WHERE NOT EXISTS (SELECT FROM ledger.currencies c WHERE c.code = a.currency)
    ) THEN
        RAISE EXCEPTION 'currency of a transaction must be in ledger.currencies' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT FROM added a WHERE (SELECT count(*) FROM ledger.entries e WHERE e.transaction_id = a.id) <> 2
    ) THEN
        RAISE EXCEPTION 'a transaction must have two entries' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION ledger.entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT transaction_id FROM added) a
        WHERE (
            SELECT sum(e.amount) = 0 AND count(*) = 2 AND min(e.currency) = max(e.currency)
               AND min(e.currency) = (SELECT t.currency FROM ledger.transactions t WHERE t.id = a.transaction_id)
            FROM ledger.entries e WHERE e.transaction_id = a.transaction_id
        ) IS NOT TRUE
    ) THEN
        RAISE EXCEPTION 'a transaction''s two entries must sum to zero in its currency' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

-- All that the functions ask is a look-up by key. A session keeps the plans it made while a table was small, when reading
-- all of it was cheapest, after it has grown. No statement runs long enough to be worth compiling.
-- What one Region has seen of an origin says nothing of what has arrived in another: a ledger that changes its Region keeps
-- its marks, which speak of its rows, and none of the evidence, which spoke of the other Region's journal.
DELETE FROM ledger.sweep_observations;
ALTER TABLE ledger.sweep_observations
    ADD COLUMN observer text NOT NULL,
    DROP CONSTRAINT sweep_observations_pkey,
    ADD PRIMARY KEY (observer, origin, observed_at);
