-- The tree over the log: its complete tiles, and the checkpoints that were given out.
CREATE TABLE log_tiles (
    level  SMALLINT NOT NULL CHECK (level BETWEEN 0 AND 7),
    idx    BIGINT NOT NULL CHECK (idx >= 0),
    latest UUID NOT NULL, -- the greatest id of all events up to the end of a tile of level 0; nil above
    root   BYTEA NOT NULL CHECK (length(root) = 32),
    hashes BYTEA NOT NULL CHECK (length(hashes) = 8192),
    PRIMARY KEY (level, idx)
);
ALTER TABLE log_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL; -- nothing compresses hashes
CREATE INDEX log_tiles_latest ON log_tiles (latest, idx);

-- One root for each size: never two.
CREATE TABLE log_checkpoints (
    origin TEXT COLLATE "C" NOT NULL CHECK (length(origin) BETWEEN 1 AND 255),
    size   BIGINT NOT NULL CHECK (size >= 0),
    root   BYTEA NOT NULL CHECK (length(root) = 32),
    at     TIMESTAMPTZ NOT NULL,
    note   TEXT NOT NULL,
    PRIMARY KEY (origin, size)
);
CREATE INDEX log_checkpoints_size ON log_checkpoints (size);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON log_tiles FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON log_tiles FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON log_checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON log_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
