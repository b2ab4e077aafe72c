-- The canary posts in ISO 4217's code for tests, which no client may use: no total of a real currency holds it.
INSERT INTO ledger.currencies VALUES ('XTS', 0);
