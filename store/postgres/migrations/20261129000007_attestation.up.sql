-- Attestations: what agents hand in with all that became of it, what the rewards of
-- policies come to, and what proofs are verified by.
CREATE TABLE teg_attestation_logs (
    id                UUID PRIMARY KEY,
    agent             TEXT COLLATE "C" NOT NULL CHECK (length(agent) BETWEEN 7 AND 255),
    scope             UUID NOT NULL, -- agent, policy and data
    policy            UUID NOT NULL,
    policy_version    BIGINT NOT NULL CHECK (policy_version >= 1),
    policy_code       TEXT COLLATE "C" NOT NULL CHECK (length(policy_code) BETWEEN 1 AND 64),
    type              TEXT COLLATE "C" NOT NULL CHECK (length(type) BETWEEN 1 AND 64),
    data              TEXT NOT NULL, -- canonical JSON
    data_hash         TEXT COLLATE "C" NOT NULL CHECK (length(data_hash) = 64),
    pointer           TEXT NOT NULL,
    waits_for_storage BOOLEAN NOT NULL,
    circuit           TEXT COLLATE "C" NOT NULL, -- empty: without a proof
    inputs            TEXT NOT NULL,
    proof             TEXT NOT NULL,
    proven            SMALLINT NOT NULL CHECK (proven BETWEEN 0 AND 2),
    offer             NUMERIC(36,18) NOT NULL CHECK (offer BETWEEN 0 AND 999999999999999999.999999999999999999),
    submitted_at      TIMESTAMPTZ NOT NULL,
    status            SMALLINT NOT NULL CHECK (status BETWEEN 1 AND 6), -- see attestation.Status
    reward            NUMERIC(36,18) NOT NULL CHECK (reward BETWEEN 0 AND 999999999999999999.999999999999999999),
    transaction_id    UUID NOT NULL, -- zero: not paid
    storage           SMALLINT NOT NULL CHECK (storage BETWEEN 0 AND 2),
    charged_at        TIMESTAMPTZ,
    notes             TEXT NOT NULL,
    steps             BIGINT NOT NULL CHECK (steps >= 1),
    updated_at        TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX teg_attestation_logs_standing ON teg_attestation_logs (scope) WHERE status NOT IN (2, 5);
CREATE INDEX teg_attestation_logs_last ON teg_attestation_logs (agent, policy, submitted_at) WHERE status NOT IN (2, 5);
CREATE INDEX teg_attestation_logs_handed ON teg_attestation_logs (agent, submitted_at);
CREATE INDEX teg_attestation_logs_agent ON teg_attestation_logs (agent, id);
CREATE INDEX teg_attestation_logs_status ON teg_attestation_logs (status, id);
CREATE INDEX teg_attestation_logs_unseen ON teg_attestation_logs (storage, id) WHERE storage = 1;
CREATE INDEX teg_attestation_logs_payable ON teg_attestation_logs (status, id) WHERE status = 6 AND (storage = 2 OR NOT waits_for_storage);

CREATE TABLE attestation_history (
    submission     UUID NOT NULL,
    seq            BIGINT NOT NULL CHECK (seq >= 1),
    actor          TEXT COLLATE "C" NOT NULL, -- empty: the system
    status         SMALLINT NOT NULL CHECK (status BETWEEN 1 AND 6),
    reward         NUMERIC(36,18) NOT NULL CHECK (reward BETWEEN 0 AND 999999999999999999.999999999999999999),
    transaction_id UUID NOT NULL,
    storage        SMALLINT NOT NULL CHECK (storage BETWEEN 0 AND 2),
    notes          TEXT NOT NULL,
    at             TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (submission, seq)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON attestation_history FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON attestation_history FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE attestation_budgets (
    policy UUID PRIMARY KEY,
    day    BIGINT NOT NULL, -- since 1970
    today  NUMERIC(36,18) NOT NULL CHECK (today BETWEEN 0 AND 999999999999999999.999999999999999999),
    total  NUMERIC(36,18) NOT NULL CHECK (total BETWEEN 0 AND 999999999999999999.999999999999999999)
);

CREATE TABLE attestation_circuits (
    id            TEXT COLLATE "C" PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    verifying_key TEXT NOT NULL,
    key_hash      TEXT COLLATE "C" NOT NULL CHECK (length(key_hash) = 64),
    input_names   TEXT NOT NULL, -- a JSON list
    registered_by TEXT COLLATE "C" NOT NULL,
    at            TIMESTAMPTZ NOT NULL
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON attestation_circuits FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON attestation_circuits FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
