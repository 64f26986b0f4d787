-- Disputes: what they are about and where they stand, their timelines, the evidence,
-- and what became of its content.
CREATE TABLE teg_dispute_logs (
    id             BLOB PRIMARY KEY CHECK (length(id) = 16),
    claimant       TEXT NOT NULL CHECK (length(claimant) BETWEEN 7 AND 255),
    defendant      TEXT NOT NULL CHECK (length(defendant) BETWEEN 7 AND 255) CHECK (defendant <> claimant),
    cause_kind     INTEGER NOT NULL CHECK (cause_kind BETWEEN 1 AND 3), -- see dispute.CauseKind
    cause          BLOB NOT NULL CHECK (length(cause) = 16),
    transaction_id BLOB NOT NULL CHECK (length(transaction_id) = 16), -- zeros: none
    avtp           TEXT NOT NULL, -- AVTP's own id; empty: none
    reason         TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 64),
    category       TEXT NOT NULL,
    description    TEXT NOT NULL,
    value          BLOB NOT NULL CHECK (length(value) = 16 AND value >= x'80000000000000000000000000000000' AND value <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    hold           BLOB NOT NULL CHECK (length(hold) = 16), -- that it froze; zeros: none
    fee            BLOB NOT NULL CHECK (length(fee) = 16 AND fee >= x'80000000000000000000000000000000' AND fee <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    bond           BLOB NOT NULL CHECK (length(bond) = 16 AND bond >= x'80000000000000000000000000000000' AND bond <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    filed_at       INTEGER NOT NULL,
    status         INTEGER NOT NULL CHECK (status BETWEEN 1 AND 8), -- see dispute.Status
    deadline       INTEGER, -- of an open state
    pinned         BLOB NOT NULL CHECK (length(pinned) = 16 AND pinned >= x'80000000000000000000000000000000' AND pinned <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    pool           BLOB NOT NULL CHECK (length(pool) = 16), -- in which it is pinned; zeros: none
    response       TEXT NOT NULL,
    responded_at   INTEGER,
    frivolous      INTEGER NOT NULL CHECK (frivolous IN (0, 1)),
    hold_end       INTEGER NOT NULL CHECK (hold_end BETWEEN 0 AND 3), -- see dispute.HoldEnd
    penalty        BLOB NOT NULL CHECK (length(penalty) = 16 AND penalty >= x'80000000000000000000000000000000' AND penalty <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    collected      BLOB NOT NULL CHECK (length(collected) = 16 AND collected >= x'80000000000000000000000000000000' AND collected <= x'80C097CE7BC90715B34B9F0FFFFFFFFF') CHECK (collected <= penalty),
    notes          TEXT NOT NULL,
    claims         INTEGER NOT NULL CHECK (claims BETWEEN 0 AND 100), -- pieces of evidence of the claimant
    defences       INTEGER NOT NULL CHECK (defences BETWEEN 0 AND 100),
    steps          INTEGER NOT NULL CHECK (steps >= 1),
    updated_at     INTEGER NOT NULL,
    CHECK ((status <= 3) = (deadline IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX teg_dispute_logs_open ON teg_dispute_logs (cause) WHERE status <= 3;
CREATE INDEX teg_dispute_logs_due ON teg_dispute_logs (deadline) WHERE status <= 3;
CREATE INDEX teg_dispute_logs_claimant ON teg_dispute_logs (claimant, id);
CREATE INDEX teg_dispute_logs_defendant ON teg_dispute_logs (defendant, id);
CREATE INDEX teg_dispute_logs_status ON teg_dispute_logs (status, id);

CREATE TABLE teg_dispute_history (
    dispute     BLOB NOT NULL CHECK (length(dispute) = 16),
    seq         INTEGER NOT NULL CHECK (seq >= 1),
    from_status INTEGER NOT NULL CHECK (from_status BETWEEN 0 AND 3), -- 0: none
    to_status   INTEGER NOT NULL CHECK (to_status BETWEEN 1 AND 8),
    actor       TEXT NOT NULL, -- empty: a deadline
    note        TEXT NOT NULL,
    at          INTEGER NOT NULL,
    until       INTEGER, -- the deadline of an open state
    PRIMARY KEY (dispute, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE teg_dispute_evidence (
    id          BLOB PRIMARY KEY CHECK (length(id) = 16),
    dispute     BLOB NOT NULL CHECK (length(dispute) = 16),
    seq         INTEGER NOT NULL CHECK (seq >= 1),
    party       TEXT NOT NULL CHECK (length(party) BETWEEN 7 AND 255),
    pointer     TEXT NOT NULL CHECK (length(pointer) BETWEEN 1 AND 512),
    description TEXT NOT NULL,
    at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX teg_dispute_evidence_place ON teg_dispute_evidence (dispute, seq);

-- A piece of evidence without a row here has not been looked at yet.
CREATE TABLE teg_dispute_storage (
    evidence BLOB PRIMARY KEY CHECK (length(evidence) = 16),
    sound    INTEGER NOT NULL CHECK (sound IN (0, 1)),
    size     INTEGER NOT NULL CHECK (size >= 0),
    problem  TEXT NOT NULL,
    at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER teg_dispute_history_no_update BEFORE UPDATE ON teg_dispute_history BEGIN SELECT RAISE(ABORT, 'teg_dispute_history is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER teg_dispute_history_no_delete BEFORE DELETE ON teg_dispute_history BEGIN SELECT RAISE(ABORT, 'teg_dispute_history is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER teg_dispute_evidence_no_update BEFORE UPDATE ON teg_dispute_evidence BEGIN SELECT RAISE(ABORT, 'teg_dispute_evidence is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER teg_dispute_evidence_no_delete BEFORE DELETE ON teg_dispute_evidence BEGIN SELECT RAISE(ABORT, 'teg_dispute_evidence is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER teg_dispute_storage_no_update BEFORE UPDATE ON teg_dispute_storage BEGIN SELECT RAISE(ABORT, 'teg_dispute_storage is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER teg_dispute_storage_no_delete BEFORE DELETE ON teg_dispute_storage BEGIN SELECT RAISE(ABORT, 'teg_dispute_storage is append-only: correct a mistake with a new row'); END;
