-- With what agents register, and which roles they lack whatever their tokens say.
CREATE TABLE bootstrap_tokens (
    id           BLOB PRIMARY KEY CHECK (length(id) = 16),
    hash         TEXT NOT NULL UNIQUE CHECK (length(hash) = 64), -- SHA-256 of the token, which is kept nowhere
    type_hint    TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    own_grant    INTEGER NOT NULL, -- else ONBOARDING_GRANT, as it is when the token is used
    grant_amount BLOB NOT NULL CHECK (length(grant_amount) = 16 AND grant_amount >= x'80000000000000000000000000000000' AND grant_amount <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    issued_by    TEXT NOT NULL,
    issued_at    INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL CHECK (expires_at > issued_at),
    used_by      TEXT NOT NULL, -- '' until it is used
    used_at      INTEGER,
    CHECK ((used_at IS NULL) = (used_by = ''))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX bootstrap_tokens_used ON bootstrap_tokens (used_by) WHERE used_by <> '';
CREATE INDEX bootstrap_tokens_unused ON bootstrap_tokens (expires_at) WHERE used_at IS NULL;
CREATE TRIGGER bootstrap_tokens_no_update BEFORE UPDATE ON bootstrap_tokens WHEN OLD.used_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'bootstrap_tokens is append-only where a token was used'); END;
CREATE TRIGGER bootstrap_tokens_no_delete BEFORE DELETE ON bootstrap_tokens WHEN OLD.used_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'bootstrap_tokens is append-only where a token was used'); END;

ALTER TABLE agent_teg_profiles ADD COLUMN revoked_roles INTEGER NOT NULL DEFAULT 0
    CHECK (revoked_roles BETWEEN 0 AND 60 AND revoked_roles & 3 = 0); -- a bit each; see ledger.Roles
CREATE INDEX agent_teg_profiles_stripped ON agent_teg_profiles (did) WHERE revoked_roles <> 0;
-- By it taking this back is refused where it would give somebody rights back.
CREATE VIEW stripped_agents AS SELECT did, revoked_roles FROM agent_teg_profiles WHERE revoked_roles <> 0;
