-- Disputes: what they are about and where they stand, their timelines, the evidence,
-- and what became of its content.
CREATE TABLE teg_dispute_logs (
    id             UUID PRIMARY KEY,
    claimant       TEXT COLLATE "C" NOT NULL CHECK (length(claimant) BETWEEN 7 AND 255),
    defendant      TEXT COLLATE "C" NOT NULL CHECK (length(defendant) BETWEEN 7 AND 255) CHECK (defendant <> claimant),
    cause_kind     SMALLINT NOT NULL CHECK (cause_kind BETWEEN 1 AND 3), -- see dispute.CauseKind
    cause          UUID NOT NULL,
    transaction_id UUID NOT NULL, -- zeros: none
    avtp           TEXT COLLATE "C" NOT NULL, -- AVTP's own id; empty: none
    reason         TEXT COLLATE "C" NOT NULL CHECK (length(reason) BETWEEN 1 AND 64),
    category       TEXT NOT NULL,
    description    TEXT NOT NULL,
    value          NUMERIC(36,18) NOT NULL CHECK (value BETWEEN 0 AND 999999999999999999.999999999999999999),
    hold           UUID NOT NULL, -- that it froze; zeros: none
    fee            NUMERIC(36,18) NOT NULL CHECK (fee BETWEEN 0 AND 999999999999999999.999999999999999999),
    bond           NUMERIC(36,18) NOT NULL CHECK (bond BETWEEN 0 AND 999999999999999999.999999999999999999),
    filed_at       TIMESTAMPTZ NOT NULL,
    status         SMALLINT NOT NULL CHECK (status BETWEEN 1 AND 8), -- see dispute.Status
    deadline       TIMESTAMPTZ, -- of an open state
    pinned         NUMERIC(36,18) NOT NULL CHECK (pinned BETWEEN 0 AND 999999999999999999.999999999999999999),
    pool           UUID NOT NULL, -- in which it is pinned; zeros: none
    response       TEXT NOT NULL,
    responded_at   TIMESTAMPTZ,
    frivolous      BOOLEAN NOT NULL,
    hold_end       SMALLINT NOT NULL CHECK (hold_end BETWEEN 0 AND 3), -- see dispute.HoldEnd
    penalty        NUMERIC(36,18) NOT NULL CHECK (penalty BETWEEN 0 AND 999999999999999999.999999999999999999),
    collected      NUMERIC(36,18) NOT NULL CHECK (collected BETWEEN 0 AND 999999999999999999.999999999999999999) CHECK (collected <= penalty),
    notes          TEXT NOT NULL,
    claims         BIGINT NOT NULL CHECK (claims BETWEEN 0 AND 100), -- pieces of evidence of the claimant
    defences       BIGINT NOT NULL CHECK (defences BETWEEN 0 AND 100),
    steps          BIGINT NOT NULL CHECK (steps >= 1),
    updated_at     TIMESTAMPTZ NOT NULL,
    CHECK ((status <= 3) = (deadline IS NOT NULL))
);
CREATE UNIQUE INDEX teg_dispute_logs_open ON teg_dispute_logs (cause) WHERE status <= 3;
CREATE INDEX teg_dispute_logs_due ON teg_dispute_logs (deadline) WHERE status <= 3;
CREATE INDEX teg_dispute_logs_claimant ON teg_dispute_logs (claimant, id);
CREATE INDEX teg_dispute_logs_defendant ON teg_dispute_logs (defendant, id);
CREATE INDEX teg_dispute_logs_status ON teg_dispute_logs (status, id);

CREATE TABLE teg_dispute_history (
    dispute     UUID NOT NULL,
    seq         BIGINT NOT NULL CHECK (seq >= 1),
    from_status SMALLINT NOT NULL CHECK (from_status BETWEEN 0 AND 3), -- 0: none
    to_status   SMALLINT NOT NULL CHECK (to_status BETWEEN 1 AND 8),
    actor       TEXT COLLATE "C" NOT NULL, -- empty: a deadline
    note        TEXT NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    until       TIMESTAMPTZ, -- the deadline of an open state
    PRIMARY KEY (dispute, seq)
);

CREATE TABLE teg_dispute_evidence (
    id          UUID PRIMARY KEY,
    dispute     UUID NOT NULL,
    seq         BIGINT NOT NULL CHECK (seq >= 1),
    party       TEXT COLLATE "C" NOT NULL CHECK (length(party) BETWEEN 7 AND 255),
    pointer     TEXT COLLATE "C" NOT NULL CHECK (length(pointer) BETWEEN 1 AND 512),
    description TEXT NOT NULL,
    at          TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX teg_dispute_evidence_place ON teg_dispute_evidence (dispute, seq);

-- A piece of evidence without a row here has not been looked at yet.
CREATE TABLE teg_dispute_storage (
    evidence UUID PRIMARY KEY,
    sound    BOOLEAN NOT NULL,
    size     BIGINT NOT NULL CHECK (size >= 0),
    problem  TEXT NOT NULL,
    at       TIMESTAMPTZ NOT NULL
);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON teg_dispute_history FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON teg_dispute_history FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON teg_dispute_evidence FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON teg_dispute_evidence FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON teg_dispute_storage FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON teg_dispute_storage FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
