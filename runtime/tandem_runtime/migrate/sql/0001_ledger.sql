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
