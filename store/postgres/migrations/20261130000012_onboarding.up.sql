-- With what agents register, and which roles they lack whatever their tokens say.
CREATE TABLE bootstrap_tokens (
    id           UUID PRIMARY KEY,
    hash         TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(hash) = 64), -- SHA-256 of the token, which is kept nowhere
    type_hint    TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    own_grant    BOOLEAN NOT NULL, -- else ONBOARDING_GRANT, as it is when the token is used
    grant_amount NUMERIC(36,18) NOT NULL CHECK (grant_amount >= 0 AND grant_amount <= 999999999999999999.999999999999999999),
    issued_by    TEXT COLLATE "C" NOT NULL,
    issued_at    TIMESTAMPTZ NOT NULL,
    expires_at   TIMESTAMPTZ NOT NULL CHECK (expires_at > issued_at),
    used_by      TEXT COLLATE "C" NOT NULL, -- '' until it is used
    used_at      TIMESTAMPTZ,
    CHECK ((used_at IS NULL) = (used_by = ''))
);
CREATE UNIQUE INDEX bootstrap_tokens_used ON bootstrap_tokens (used_by) WHERE used_by <> '';
CREATE INDEX bootstrap_tokens_unused ON bootstrap_tokens (expires_at) WHERE used_at IS NULL;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON bootstrap_tokens FOR EACH ROW WHEN (OLD.used_at IS NOT NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON bootstrap_tokens FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE agent_teg_profiles ADD COLUMN revoked_roles SMALLINT NOT NULL DEFAULT 0
    CHECK (revoked_roles BETWEEN 0 AND 60 AND revoked_roles & 3 = 0); -- a bit each; see ledger.Roles
CREATE INDEX agent_teg_profiles_stripped ON agent_teg_profiles (did) WHERE revoked_roles <> 0;
-- By it taking this back is refused where it would give somebody rights back.
CREATE VIEW stripped_agents AS SELECT did, revoked_roles FROM agent_teg_profiles WHERE revoked_roles <> 0;
