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
