DROP TRIGGER IF EXISTS events_no_delete;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events is append-only: correct a mistake with a new row'); END;
DROP TABLE log_segments;
DROP TABLE log_tail;
DROP TABLE kept_events;
