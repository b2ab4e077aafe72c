-- How far sweeps have come, in the ledger itself: a ledger that is discarded or restored takes its positions with it.
-- A position is raised in the transaction that inserts the rows below it, or that finds them there.

-- Up to where one Region has read what is new of an origin. Only the mark is a guarantee; this saves reading again.
-- `newest` is when the newest item was recorded that was read.
CREATE TABLE ledger.sweep_cursors (
    observer text NOT NULL,
    origin text NOT NULL,
    swept_until timestamptz NOT NULL,
    newest timestamptz,
    PRIMARY KEY (observer, origin)
);

-- A read that somebody asked for: of one origin's items from some time on, up to the time of asking.
CREATE TABLE ledger.asked_reads (
    observer text NOT NULL,
    origin text NOT NULL,
    request text NOT NULL,
    begins timestamptz NOT NULL,
    position timestamptz NOT NULL,
    ends timestamptz NOT NULL,
    PRIMARY KEY (observer, origin)
);

-- A read of the whole journal, which belongs to one Region and one request. `positions` is a JSON array with the last
-- key that was read of each segment; `evidence` says for each origin how far its mark may rise when the read ends.
CREATE TABLE ledger.table_reads (
    observer text PRIMARY KEY,
    request text NOT NULL,
    positions text NOT NULL,
    evidence text NOT NULL,
    read bigint NOT NULL DEFAULT 0,
    inserted bigint NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    finished_at timestamptz
);

GRANT SELECT, INSERT, UPDATE ON ledger.sweep_cursors, ledger.asked_reads, ledger.table_reads TO tandem_app;
