-- Policies with all their versions, and the version of the terms that follow from
-- them, which stands where every group takes its last lock.
ALTER TABLE log_head ADD COLUMN terms_version BIGINT NOT NULL DEFAULT 0 CHECK (terms_version >= 0);

CREATE TABLE teg_policies (
    id          UUID PRIMARY KEY,
    code        TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 64),
    type        SMALLINT NOT NULL CHECK (type BETWEEN 1 AND 4),   -- see policy.Type
    created_at  TIMESTAMPTZ NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    parameters  TEXT NOT NULL CHECK (length(parameters) >= 2),    -- a JSON object in its one form
    reward      NUMERIC(36,18) NOT NULL CHECK (reward BETWEEN 0 AND 999999999999999999.999999999999999999),
    circuit     TEXT COLLATE "C" NOT NULL, -- empty: none
    level       SMALLINT NOT NULL CHECK (level BETWEEN 1 AND 2),  -- see policy.Level
    active      BOOLEAN NOT NULL,
    version     BIGINT NOT NULL CHECK (version >= 1),
    change      BIGINT NOT NULL UNIQUE CHECK (change >= version), -- among those of all policies
    changed_by  TEXT COLLATE "C" NOT NULL CHECK (length(changed_by) BETWEEN 7 AND 255),
    updated_at  TIMESTAMPTZ NOT NULL
);

CREATE TABLE teg_policy_versions (
    change      BIGINT PRIMARY KEY CHECK (change >= version),
    policy      UUID NOT NULL,
    code        TEXT COLLATE "C" NOT NULL,
    type        SMALLINT NOT NULL CHECK (type BETWEEN 1 AND 4),
    created_at  TIMESTAMPTZ NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    parameters  TEXT NOT NULL,
    reward      NUMERIC(36,18) NOT NULL CHECK (reward BETWEEN 0 AND 999999999999999999.999999999999999999),
    circuit     TEXT COLLATE "C" NOT NULL,
    level       SMALLINT NOT NULL CHECK (level BETWEEN 1 AND 2),
    active      BOOLEAN NOT NULL,
    version     BIGINT NOT NULL CHECK (version >= 1),
    changed_by  TEXT COLLATE "C" NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    UNIQUE (policy, version)
);
CREATE INDEX teg_policy_versions_policy ON teg_policy_versions (policy, change);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON teg_policy_versions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON teg_policy_versions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
