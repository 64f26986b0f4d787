-- Token buckets of the rate limits, for all servers on this database: when each will be
-- full again. Not logged: a crash empties the table, which fills every bucket. No index
-- but the key, so that a draw changes its row in place.
CREATE UNLOGGED TABLE rate_buckets (
    key     TEXT COLLATE "C" PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 320),
    full_at TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 50);
