-- What one Region has seen of an origin says nothing of what has arrived in another: a ledger that changes its Region keeps
-- its marks, which speak of its rows, and none of the evidence, which spoke of the other Region's journal.
DELETE FROM ledger.sweep_observations;
ALTER TABLE ledger.sweep_observations
    ADD COLUMN observer text NOT NULL,
    DROP CONSTRAINT sweep_observations_pkey,
    ADD PRIMARY KEY (observer, origin, observed_at);
