-- The tree over the log: its complete tiles, and the checkpoints that were given out.
CREATE TABLE log_tiles (
    level  INTEGER NOT NULL CHECK (level BETWEEN 0 AND 7),
    idx    INTEGER NOT NULL CHECK (idx >= 0),
    latest BLOB NOT NULL CHECK (length(latest) = 16), -- the greatest id of all events up to the end of a tile of level 0; nil above
    root   BLOB NOT NULL CHECK (length(root) = 32),   -- before the hashes, so that these need not be read for it
    hashes BLOB NOT NULL CHECK (length(hashes) = 8192),
    PRIMARY KEY (level, idx)
) STRICT;
CREATE INDEX log_tiles_latest ON log_tiles (latest, idx);

-- One root for each size: never two.
CREATE TABLE log_checkpoints (
    origin TEXT NOT NULL CHECK (length(origin) BETWEEN 1 AND 255),
    size   INTEGER NOT NULL CHECK (size >= 0),
    root   BLOB NOT NULL CHECK (length(root) = 32),
    at     INTEGER NOT NULL,
    note   TEXT NOT NULL,
    PRIMARY KEY (origin, size)
) STRICT, WITHOUT ROWID;
CREATE INDEX log_checkpoints_size ON log_checkpoints (size);

CREATE TRIGGER log_tiles_no_update BEFORE UPDATE ON log_tiles BEGIN SELECT RAISE(ABORT, 'log_tiles is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER log_tiles_no_delete BEFORE DELETE ON log_tiles BEGIN SELECT RAISE(ABORT, 'log_tiles is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER log_checkpoints_no_update BEFORE UPDATE ON log_checkpoints BEGIN SELECT RAISE(ABORT, 'log_checkpoints is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER log_checkpoints_no_delete BEFORE DELETE ON log_checkpoints BEGIN SELECT RAISE(ABORT, 'log_checkpoints is append-only: correct a mistake with a new row'); END;
