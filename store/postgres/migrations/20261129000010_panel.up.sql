-- Panels of agents who judge disputes: rounds, the seats of their members, and what
-- became of each round. All of it changes under the lock of the claimant's available
-- row, which is the guard.
CREATE TABLE panel_rounds (
    id            UUID PRIMARY KEY,
    dispute       UUID NOT NULL,
    number        SMALLINT NOT NULL CHECK (number BETWEEN 1 AND 2),
    guard         BIGINT NOT NULL,
    secret        TEXT COLLATE "C" NOT NULL CHECK (length(secret) = 64), -- hex digits, as the next but one
    log_position  BIGINT NOT NULL CHECK (log_position >= 0),
    log_event     TEXT COLLATE "C" NOT NULL CHECK (length(log_event) = 64),
    seed          TEXT COLLATE "C" NOT NULL CHECK (length(seed) = 64),
    roll          TEXT COLLATE "C" NOT NULL, -- a line for each who could be drawn
    passed        TEXT COLLATE "C" NOT NULL, -- who was drawn and could not take a seat
    size          INTEGER NOT NULL CHECK (size BETWEEN 1 AND 21 AND size % 2 = 1),
    reveal_window BIGINT NOT NULL CHECK (reveal_window > 0), -- nanoseconds
    penalty       NUMERIC(36,18) NOT NULL CHECK (penalty BETWEEN 0 AND 999999999999999999.999999999999999999),
    reward        NUMERIC(36,18) NOT NULL CHECK (reward BETWEEN 0 AND 999999999999999999.999999999999999999),
    drawn_at      TIMESTAMPTZ NOT NULL,
    state         SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 7), -- see panel.State
    deadline      TIMESTAMPTZ,
    choice        SMALLINT NOT NULL CHECK (choice BETWEEN 0 AND 3), -- of the majority
    steps         BIGINT NOT NULL CHECK (steps >= 1),
    updated_at    TIMESTAMPTZ NOT NULL,
    CHECK ((state <= 3) = (deadline IS NOT NULL)),
    CHECK ((state = 4) = (choice <> 0)),
    CONSTRAINT panel_rounds_number UNIQUE (dispute, number)
);
CREATE INDEX panel_rounds_open ON panel_rounds (id) WHERE state <= 3;

CREATE TABLE panel_seats (
    id           UUID PRIMARY KEY,
    round        UUID NOT NULL,
    dispute      UUID NOT NULL,
    number       INTEGER NOT NULL CHECK (number BETWEEN 1 AND 21),
    juror        TEXT COLLATE "C" NOT NULL CHECK (length(juror) BETWEEN 7 AND 255),
    account      BIGINT NOT NULL,
    pool         UUID NOT NULL,
    pinned       NUMERIC(36,18) NOT NULL CHECK (pinned > 0 AND pinned <= 999999999999999999.999999999999999999),
    weight       NUMERIC(36,18) NOT NULL CHECK (weight > 0 AND weight <= 999999999999999999.999999999999999999),
    commitment   TEXT COLLATE "C" NOT NULL CHECK (length(commitment) IN (0, 64)),
    committed_at TIMESTAMPTZ,
    choice       SMALLINT NOT NULL CHECK (choice BETWEEN 0 AND 3),
    salt         TEXT COLLATE "C" NOT NULL,
    revealed_at  TIMESTAMPTZ,
    penalty      NUMERIC(36,18) NOT NULL CHECK (penalty >= 0 AND penalty <= pinned),
    reward       NUMERIC(36,18) NOT NULL CHECK (reward BETWEEN 0 AND 999999999999999999.999999999999999999),
    open         BOOLEAN NOT NULL,
    CHECK ((commitment <> '') = (committed_at IS NOT NULL)),
    CHECK ((choice <> 0) = (revealed_at IS NOT NULL) AND (choice = 0 OR commitment <> '')),
    CHECK (NOT open OR penalty = 0 AND reward = 0),
    CONSTRAINT panel_seats_number UNIQUE (round, number),
    CONSTRAINT panel_seats_member UNIQUE (round, juror)
);
CREATE INDEX panel_seats_dispute ON panel_seats (dispute, id);
CREATE INDEX panel_seats_juror ON panel_seats (juror, id);
CREATE INDEX panel_seats_open ON panel_seats (juror, id) WHERE open;

CREATE TABLE panel_history (
    round UUID NOT NULL,
    seq   BIGINT NOT NULL CHECK (seq >= 1),
    state SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 7),
    actor TEXT COLLATE "C" NOT NULL,
    note  TEXT NOT NULL,
    at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (round, seq)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON panel_history FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON panel_history FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
