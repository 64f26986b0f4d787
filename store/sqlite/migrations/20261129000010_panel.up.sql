-- Panels of agents who judge disputes: rounds, the seats of their members, and what
-- became of each round. All of it changes under the lock of the claimant's available
-- row, which is the guard.
CREATE TABLE panel_rounds (
    id            BLOB PRIMARY KEY CHECK (length(id) = 16),
    dispute       BLOB NOT NULL CHECK (length(dispute) = 16),
    number        INTEGER NOT NULL CHECK (number BETWEEN 1 AND 2),
    guard         INTEGER NOT NULL,
    secret        TEXT NOT NULL CHECK (length(secret) = 64), -- hex digits, as the next but one
    log_position  INTEGER NOT NULL CHECK (log_position >= 0),
    log_event     TEXT NOT NULL CHECK (length(log_event) = 64),
    seed          TEXT NOT NULL CHECK (length(seed) = 64),
    roll          TEXT NOT NULL, -- a line for each who could be drawn
    passed        TEXT NOT NULL, -- who was drawn and could not take a seat
    size          INTEGER NOT NULL CHECK (size BETWEEN 1 AND 21 AND size % 2 = 1),
    reveal_window INTEGER NOT NULL CHECK (reveal_window > 0), -- nanoseconds
    penalty       BLOB NOT NULL CHECK (length(penalty) = 16 AND penalty >= x'80000000000000000000000000000000' AND penalty <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    reward        BLOB NOT NULL CHECK (length(reward) = 16 AND reward >= x'80000000000000000000000000000000' AND reward <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    drawn_at      INTEGER NOT NULL,
    state         INTEGER NOT NULL CHECK (state BETWEEN 1 AND 7), -- see panel.State
    deadline      INTEGER,
    choice        INTEGER NOT NULL CHECK (choice BETWEEN 0 AND 3), -- of the majority
    steps         INTEGER NOT NULL CHECK (steps >= 1),
    updated_at    INTEGER NOT NULL,
    CHECK ((state <= 3) = (deadline IS NOT NULL)),
    CHECK ((state = 4) = (choice <> 0)),
    CONSTRAINT panel_rounds_number UNIQUE (dispute, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX panel_rounds_open ON panel_rounds (id) WHERE state <= 3;

CREATE TABLE panel_seats (
    id           BLOB PRIMARY KEY CHECK (length(id) = 16),
    round        BLOB NOT NULL CHECK (length(round) = 16),
    dispute      BLOB NOT NULL CHECK (length(dispute) = 16),
    number       INTEGER NOT NULL CHECK (number BETWEEN 1 AND 21),
    juror        TEXT NOT NULL CHECK (length(juror) BETWEEN 7 AND 255),
    account      INTEGER NOT NULL,
    pool         BLOB NOT NULL CHECK (length(pool) = 16),
    pinned       BLOB NOT NULL CHECK (length(pinned) = 16 AND pinned > x'80000000000000000000000000000000' AND pinned <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    weight       BLOB NOT NULL CHECK (length(weight) = 16 AND weight > x'80000000000000000000000000000000' AND weight <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    commitment   TEXT NOT NULL CHECK (length(commitment) IN (0, 64)),
    committed_at INTEGER,
    choice       INTEGER NOT NULL CHECK (choice BETWEEN 0 AND 3),
    salt         TEXT NOT NULL,
    revealed_at  INTEGER,
    penalty      BLOB NOT NULL CHECK (length(penalty) = 16 AND penalty >= x'80000000000000000000000000000000' AND penalty <= pinned),
    reward       BLOB NOT NULL CHECK (length(reward) = 16 AND reward >= x'80000000000000000000000000000000' AND reward <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    open         INTEGER NOT NULL CHECK (open IN (0, 1)),
    CHECK ((commitment <> '') = (committed_at IS NOT NULL)),
    CHECK ((choice <> 0) = (revealed_at IS NOT NULL) AND (choice = 0 OR commitment <> '')),
    CHECK (NOT open OR penalty = x'80000000000000000000000000000000' AND reward = x'80000000000000000000000000000000'),
    CONSTRAINT panel_seats_number UNIQUE (round, number),
    CONSTRAINT panel_seats_member UNIQUE (round, juror)
) STRICT, WITHOUT ROWID;
CREATE INDEX panel_seats_dispute ON panel_seats (dispute, id);
CREATE INDEX panel_seats_juror ON panel_seats (juror, id);
CREATE INDEX panel_seats_open ON panel_seats (juror, id) WHERE open;

CREATE TABLE panel_history (
    round BLOB NOT NULL CHECK (length(round) = 16),
    seq   INTEGER NOT NULL CHECK (seq >= 1),
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 7),
    actor TEXT NOT NULL,
    note  TEXT NOT NULL,
    at    INTEGER NOT NULL,
    PRIMARY KEY (round, seq)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER panel_history_no_update BEFORE UPDATE ON panel_history BEGIN SELECT RAISE(ABORT, 'panel_history is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER panel_history_no_delete BEFORE DELETE ON panel_history BEGIN SELECT RAISE(ABORT, 'panel_history is append-only: correct a mistake with a new row'); END;
