-- The log in files: what was archived of it, and from which position on it is still here.
-- A segment is a run of events that one file holds; segments follow each other from 0 on.
CREATE TABLE log_segments (
    upto   BIGINT PRIMARY KEY CHECK (upto > since AND upto % 256 = 0), -- the position behind it
    since  BIGINT NOT NULL UNIQUE CHECK (since >= 0 AND since % 256 = 0),
    sha256 BYTEA NOT NULL CHECK (length(sha256) = 32), -- of the file
    root   BYTEA NOT NULL CHECK (length(root) = 32),   -- of the log's first events, as many as upto says
    newest TIMESTAMPTZ NOT NULL, -- the latest time of an event up to it
    told   TEXT NOT NULL,        -- what all events up to it tell, added up
    at     TIMESTAMPTZ NOT NULL
);
-- The first position that is still in events; what is below may be gone.
CREATE TABLE log_tail (
    singleton BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (singleton),
    position  BIGINT NOT NULL CHECK (position >= 0)
);
INSERT INTO log_tail (position) VALUES (0);
-- Events below the tail that are read for ever, as the ones that set rules.
CREATE TABLE kept_events (
    position BIGINT PRIMARY KEY,
    id       UUID NOT NULL,
    action   TEXT COLLATE "C" NOT NULL,
    actor    TEXT COLLATE "C" NOT NULL,
    at       TIMESTAMPTZ NOT NULL,
    body     BYTEA NOT NULL
);
CREATE INDEX kept_events_action ON kept_events (action, position);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON log_segments FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON log_segments FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON kept_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON kept_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_tail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.position >= OLD.position AND EXISTS (SELECT 1 FROM log_segments WHERE upto = NEW.position) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'log_tail is append-only: it rises, to the end of a segment that was archived' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE ON log_tail FOR EACH ROW EXECUTE FUNCTION refuse_tail();

-- The log divided by its positions, which are in the order of time, so that what may go is
-- dropped by the million, and no row of it is ever deleted. What is there becomes the first part, without a copy: it is read
-- once. Where no part was made in time, the default one takes the rows.
ALTER TABLE events RENAME TO events_0;
ALTER INDEX events_pkey RENAME TO events_0_pkey;
ALTER INDEX events_rare RENAME TO events_0_rare;
DROP TRIGGER append_only ON events_0;
DROP TRIGGER append_only_all ON events_0;
CREATE TABLE events (
    position BIGINT PRIMARY KEY,
    id       UUID NOT NULL,
    action   TEXT COLLATE "C" NOT NULL,
    actor    TEXT COLLATE "C" NOT NULL,
    at       TIMESTAMPTZ NOT NULL,
    body     BYTEA NOT NULL
) PARTITION BY RANGE (position);
CREATE INDEX events_rare ON events (action, position) WHERE action <> 'transfer';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON events_0 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The parts that there are, and how many positions the next will have.
CREATE TABLE event_partitions (
    lower BIGINT PRIMARY KEY,
    upper BIGINT NOT NULL CHECK (upper > lower)
);
CREATE TABLE event_partitioning (
    singleton BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (singleton),
    width     BIGINT NOT NULL CHECK (width > 0 AND width % 256 = 0)
);
INSERT INTO event_partitioning (width) VALUES (1048576);

-- These run as the owner of the tables, for whoever serves is another role. None takes
-- anything away that was not archived.

-- new_event_partition makes a table that can become a part.
CREATE FUNCTION new_event_partition(name TEXT) RETURNS void SECURITY DEFINER LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE %I (LIKE events INCLUDING ALL)', name);
    EXECUTE format('CREATE TRIGGER append_only_all BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
END $$;

-- add_event_partition makes the next part where less than a whole one is free beyond the
-- end of the log, and reports whether it did. Rows that came into the default one
-- meanwhile make that the next part.
CREATE FUNCTION add_event_partition() RETURNS boolean SECURITY DEFINER LANGUAGE plpgsql AS $$
DECLARE
    head BIGINT := (SELECT size FROM log_head);
    many BIGINT := (SELECT width FROM event_partitioning);
    from_ BIGINT := (SELECT max(upper) FROM event_partitions);
    upto BIGINT := from_ + many;
    name TEXT := 'events_' || from_;
BEGIN
    IF from_ > head + many THEN
        RETURN FALSE;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('teg: parts of the log'));
    IF from_ <> (SELECT max(upper) FROM event_partitions) THEN
        RETURN TRUE; -- another server was first
    END IF;
    IF head >= from_ THEN -- or rows could come into the default part behind the next question
        LOCK TABLE ONLY events IN ACCESS EXCLUSIVE MODE;
        head := (SELECT size FROM log_head);
    END IF;
    IF EXISTS (SELECT 1 FROM events_default) THEN
        upto := greatest(upto, (head / many + 2) * many);
        ALTER TABLE events DETACH PARTITION events_default;
        EXECUTE format('ALTER TABLE events_default RENAME TO %I', name);
        EXECUTE format('ALTER INDEX events_default_pkey RENAME TO %I', name || '_pkey');
        EXECUTE format('ALTER INDEX events_default_action_position_idx RENAME TO %I', name || '_action_position_idx');
        PERFORM new_event_partition('events_default');
        EXECUTE 'ALTER TABLE events ATTACH PARTITION events_default DEFAULT';
    ELSE
        PERFORM new_event_partition(name);
    END IF;
    EXECUTE format('ALTER TABLE events ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', name, from_, upto);
    INSERT INTO event_partitions (lower, upper) VALUES (from_, upto);
    RETURN TRUE;
END $$;

-- drop_event_partition drops the first part where all of it is below the tail, and reports
-- whether it did. It looks into the part, since whoever serves may write what is noted of
-- it. The last one stays: the next begins where it ends.
CREATE FUNCTION drop_event_partition() RETURNS boolean SECURITY DEFINER LANGUAGE plpgsql AS $$
DECLARE
    first event_partitions;
    tail BIGINT := (SELECT position FROM log_tail);
    needed BOOLEAN;
BEGIN
    SELECT * INTO first FROM event_partitions ORDER BY lower LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF first.upper IS NULL OR first.upper > tail OR NOT EXISTS (SELECT 1 FROM event_partitions WHERE lower > first.lower) THEN
        RETURN FALSE;
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I WHERE position >= $1)', 'events_' || first.lower) INTO needed USING tail;
    IF needed THEN
        RAISE EXCEPTION 'events_% has events that were not archived: what event_partitions says of it is not true', first.lower
            USING ERRCODE = 'restrict_violation';
    END IF;
    EXECUTE format('DROP TABLE %I', 'events_' || first.lower);
    DELETE FROM event_partitions WHERE lower = first.lower;
    RETURN TRUE;
END $$;

DO $$
DECLARE
    many BIGINT := (SELECT width FROM event_partitioning);
    upto BIGINT := ((SELECT size FROM log_head) / many + 1) * many;
    made REGPROCEDURE;
BEGIN
    FOREACH made IN ARRAY ARRAY['new_event_partition(TEXT)', 'add_event_partition()', 'drop_event_partition()', 'refuse_tail()']::REGPROCEDURE[] LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', made, current_schema());
    END LOOP;
    REVOKE EXECUTE ON FUNCTION new_event_partition(TEXT) FROM PUBLIC; -- it is for the others
    EXECUTE format('ALTER TABLE events ATTACH PARTITION events_0 FOR VALUES FROM (MINVALUE) TO (%s)', upto);
    INSERT INTO event_partitions (lower, upper) VALUES (0, upto);
    PERFORM new_event_partition('events_default');
    ALTER TABLE events ATTACH PARTITION events_default DEFAULT;
    PERFORM add_event_partition();
END $$;
