-- The auditor: flags with all that was done about them, and where readers of the
-- log stand.
CREATE TABLE auditor_flag_logs (
    id           UUID PRIMARY KEY,
    agent        TEXT COLLATE "C" NOT NULL CHECK (length(agent) BETWEEN 7 AND 255),
    rule         TEXT COLLATE "C" NOT NULL CHECK (length(rule) BETWEEN 1 AND 64),
    reason       TEXT NOT NULL,
    transactions TEXT NOT NULL CHECK (length(transactions) % 32 = 0), -- 32 hex digits for each
    raised_by    TEXT COLLATE "C" NOT NULL, -- empty: a rule
    window_start TIMESTAMPTZ,   -- of a rule's finding
    shadow       BOOLEAN NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    severity     SMALLINT NOT NULL CHECK (severity BETWEEN 1 AND 4), -- LOW to CRITICAL
    status       SMALLINT NOT NULL CHECK (status BETWEEN 1 AND 4),   -- see auditor.FlagStatus
    notes        TEXT NOT NULL,
    steps        BIGINT NOT NULL CHECK (steps >= 1),
    updated_at   TIMESTAMPTZ NOT NULL,
    CHECK (raised_by <> '' OR window_start IS NOT NULL)
);
CREATE UNIQUE INDEX auditor_flag_logs_finding ON auditor_flag_logs (rule, agent, window_start, shadow) WHERE raised_by = '';
CREATE INDEX auditor_flag_logs_newest ON auditor_flag_logs (shadow, id);
CREATE INDEX auditor_flag_logs_status ON auditor_flag_logs (shadow, status, id);
CREATE INDEX auditor_flag_logs_agent ON auditor_flag_logs (agent, shadow, id);

CREATE TABLE auditor_flag_history (
    flag     UUID NOT NULL,
    seq      BIGINT NOT NULL CHECK (seq >= 1),
    actor    TEXT COLLATE "C" NOT NULL, -- empty: a rule
    status   SMALLINT NOT NULL CHECK (status BETWEEN 1 AND 4),
    severity SMALLINT NOT NULL CHECK (severity BETWEEN 1 AND 4),
    notes    TEXT NOT NULL,
    at       TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (flag, seq)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON auditor_flag_history FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON auditor_flag_history FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE log_readers (
    name       TEXT COLLATE "C" PRIMARY KEY,
    position   BIGINT NOT NULL CHECK (position >= 0), -- from which on nothing was read
    holder     UUID NOT NULL, -- the process that reads
    held_until TIMESTAMPTZ NOT NULL
);
