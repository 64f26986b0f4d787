-- Policies with all their versions, and the version of the terms that follow from
-- them, which stands where every group takes its last lock.
ALTER TABLE log_head ADD COLUMN terms_version INTEGER NOT NULL DEFAULT 0 CHECK (terms_version >= 0);

CREATE TABLE teg_policies (
    id          BLOB PRIMARY KEY CHECK (length(id) = 16),
    code        TEXT NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 64),
    type        INTEGER NOT NULL CHECK (type BETWEEN 1 AND 4),   -- see policy.Type
    created_at  INTEGER NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    parameters  TEXT NOT NULL CHECK (length(parameters) >= 2),    -- a JSON object in its one form
    reward      BLOB NOT NULL CHECK (length(reward) = 16 AND reward BETWEEN x'80000000000000000000000000000000' AND x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    circuit     TEXT NOT NULL, -- empty: none
    level       INTEGER NOT NULL CHECK (level BETWEEN 1 AND 2),  -- see policy.Level
    active      INTEGER NOT NULL CHECK (active IN (0, 1)),
    version     INTEGER NOT NULL CHECK (version >= 1),
    change      INTEGER NOT NULL UNIQUE CHECK (change >= version), -- among those of all policies
    changed_by  TEXT NOT NULL CHECK (length(changed_by) BETWEEN 7 AND 255),
    updated_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE teg_policy_versions (
    change      INTEGER PRIMARY KEY CHECK (change >= version),
    policy      BLOB NOT NULL CHECK (length(policy) = 16),
    code        TEXT NOT NULL,
    type        INTEGER NOT NULL CHECK (type BETWEEN 1 AND 4),
    created_at  INTEGER NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    parameters  TEXT NOT NULL,
    reward      BLOB NOT NULL CHECK (length(reward) = 16 AND reward BETWEEN x'80000000000000000000000000000000' AND x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    circuit     TEXT NOT NULL,
    level       INTEGER NOT NULL CHECK (level BETWEEN 1 AND 2),
    active      INTEGER NOT NULL CHECK (active IN (0, 1)),
    version     INTEGER NOT NULL CHECK (version >= 1),
    changed_by  TEXT NOT NULL,
    at          INTEGER NOT NULL,
    UNIQUE (policy, version)
) STRICT;
CREATE INDEX teg_policy_versions_policy ON teg_policy_versions (policy, change);
CREATE TRIGGER teg_policy_versions_no_update BEFORE UPDATE ON teg_policy_versions BEGIN SELECT RAISE(ABORT, 'teg_policy_versions is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER teg_policy_versions_no_delete BEFORE DELETE ON teg_policy_versions BEGIN SELECT RAISE(ABORT, 'teg_policy_versions is append-only: correct a mistake with a new row'); END;
