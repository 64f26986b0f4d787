-- The auditor: flags with all that was done about them, and where readers of the
-- log stand.
CREATE TABLE auditor_flag_logs (
    id           BLOB PRIMARY KEY CHECK (length(id) = 16),
    agent        TEXT NOT NULL CHECK (length(agent) BETWEEN 7 AND 255),
    rule         TEXT NOT NULL CHECK (length(rule) BETWEEN 1 AND 64),
    reason       TEXT NOT NULL,
    transactions TEXT NOT NULL CHECK (length(transactions) % 32 = 0), -- 32 hex digits for each
    raised_by    TEXT NOT NULL, -- empty: a rule
    window_start INTEGER,       -- of a rule's finding
    shadow       INTEGER NOT NULL CHECK (shadow IN (0, 1)),
    created_at   INTEGER NOT NULL,
    severity     INTEGER NOT NULL CHECK (severity BETWEEN 1 AND 4), -- LOW to CRITICAL
    status       INTEGER NOT NULL CHECK (status BETWEEN 1 AND 4),   -- see auditor.FlagStatus
    notes        TEXT NOT NULL,
    steps        INTEGER NOT NULL CHECK (steps >= 1),
    updated_at   INTEGER NOT NULL,
    CHECK (raised_by <> '' OR window_start IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX auditor_flag_logs_finding ON auditor_flag_logs (rule, agent, window_start, shadow) WHERE raised_by = '';
CREATE INDEX auditor_flag_logs_newest ON auditor_flag_logs (shadow, id);
CREATE INDEX auditor_flag_logs_status ON auditor_flag_logs (shadow, status, id);
CREATE INDEX auditor_flag_logs_agent ON auditor_flag_logs (agent, shadow, id);

CREATE TABLE auditor_flag_history (
    flag     BLOB NOT NULL CHECK (length(flag) = 16),
    seq      INTEGER NOT NULL CHECK (seq >= 1),
    actor    TEXT NOT NULL, -- empty: a rule
    status   INTEGER NOT NULL CHECK (status BETWEEN 1 AND 4),
    severity INTEGER NOT NULL CHECK (severity BETWEEN 1 AND 4),
    notes    TEXT NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (flag, seq)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER auditor_flag_history_no_update BEFORE UPDATE ON auditor_flag_history BEGIN SELECT RAISE(ABORT, 'auditor_flag_history is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER auditor_flag_history_no_delete BEFORE DELETE ON auditor_flag_history BEGIN SELECT RAISE(ABORT, 'auditor_flag_history is append-only: correct a mistake with a new row'); END;

CREATE TABLE log_readers (
    name       TEXT PRIMARY KEY,
    position   INTEGER NOT NULL CHECK (position >= 0), -- from which on nothing was read
    holder     BLOB NOT NULL CHECK (length(holder) = 16), -- the process that reads
    held_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
