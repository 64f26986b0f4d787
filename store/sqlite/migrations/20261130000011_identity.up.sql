-- Logins: challenges that were used, and sessions, which are families of refresh
-- tokens. No token is kept, and no digest of one: a refresh token names its session and
-- its generation, and bears a code that only servers can make.
CREATE TABLE used_challenges (
    digest     BLOB PRIMARY KEY CHECK (length(digest) = 32),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX used_challenges_expiry ON used_challenges (expires_at);

CREATE TABLE login_sessions (
    id         BLOB PRIMARY KEY CHECK (length(id) = 16),
    agent      TEXT NOT NULL CHECK (length(agent) BETWEEN 7 AND 255),
    generation INTEGER NOT NULL CHECK (generation >= 1), -- of the refresh token that is good
    opened_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL CHECK (expires_at > opened_at),
    state      INTEGER NOT NULL CHECK (state IN (1, 3, 4)), -- open, revoked, reused; expired is told from the time
    ended_at   INTEGER, -- by the database's clock
    CHECK ((state = 1) = (ended_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX login_sessions_expiry ON login_sessions (expires_at);
CREATE INDEX login_sessions_ended ON login_sessions (ended_at) WHERE ended_at IS NOT NULL;
