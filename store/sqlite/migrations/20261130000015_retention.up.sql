-- The log in files: what was archived of it, and from which position on it is still here.
-- A segment is a run of events that one file holds; segments follow each other from 0 on.
CREATE TABLE log_segments (
    upto   INTEGER PRIMARY KEY CHECK (upto > since AND upto % 256 = 0), -- the position behind it
    since  INTEGER NOT NULL UNIQUE CHECK (since >= 0 AND since % 256 = 0),
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32), -- of the file
    root   BLOB NOT NULL CHECK (length(root) = 32),   -- of the log's first events, as many as upto says
    newest INTEGER NOT NULL, -- the latest time of an event up to it
    told   TEXT NOT NULL,    -- what all events up to it tell, added up
    at     INTEGER NOT NULL
) STRICT;
-- The first position that is still in events; what is below may be gone.
CREATE TABLE log_tail (
    singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
    position  INTEGER NOT NULL CHECK (position >= 0)
) STRICT;
INSERT INTO log_tail (singleton, position) VALUES (1, 0);
-- Events below the tail that are read for ever, as the ones that set rules.
CREATE TABLE kept_events (
    position INTEGER PRIMARY KEY,
    id       BLOB NOT NULL CHECK (length(id) = 16),
    action   TEXT NOT NULL,
    actor    TEXT NOT NULL,
    at       INTEGER NOT NULL,
    body     BLOB NOT NULL
) STRICT;
CREATE INDEX kept_events_action ON kept_events (action, position);

CREATE TRIGGER log_segments_no_update BEFORE UPDATE ON log_segments BEGIN SELECT RAISE(ABORT, 'log_segments is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER log_segments_no_delete BEFORE DELETE ON log_segments BEGIN SELECT RAISE(ABORT, 'log_segments is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER kept_events_no_update BEFORE UPDATE ON kept_events BEGIN SELECT RAISE(ABORT, 'kept_events is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER kept_events_no_delete BEFORE DELETE ON kept_events BEGIN SELECT RAISE(ABORT, 'kept_events is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER log_tail_no_update BEFORE UPDATE ON log_tail
    WHEN NEW.position < OLD.position OR NOT EXISTS (SELECT 1 FROM log_segments WHERE upto = NEW.position)
    BEGIN SELECT RAISE(ABORT, 'log_tail is append-only: it rises, to the end of a segment that was archived'); END;
DROP TRIGGER events_no_delete;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events WHEN OLD.position >= coalesce((SELECT position FROM log_tail), 0)
    BEGIN SELECT RAISE(ABORT, 'events is append-only: what was not archived stays'); END;
