-- Attestations: what agents hand in with all that became of it, what the rewards of
-- policies come to, and what proofs are verified by.
CREATE TABLE teg_attestation_logs (
    id                BLOB PRIMARY KEY CHECK (length(id) = 16),
    agent             TEXT NOT NULL CHECK (length(agent) BETWEEN 7 AND 255),
    scope             BLOB NOT NULL CHECK (length(scope) = 16), -- agent, policy and data
    policy            BLOB NOT NULL CHECK (length(policy) = 16),
    policy_version    INTEGER NOT NULL CHECK (policy_version >= 1),
    policy_code       TEXT NOT NULL CHECK (length(policy_code) BETWEEN 1 AND 64),
    type              TEXT NOT NULL CHECK (length(type) BETWEEN 1 AND 64),
    data              TEXT NOT NULL, -- canonical JSON
    data_hash         TEXT NOT NULL CHECK (length(data_hash) = 64),
    pointer           TEXT NOT NULL,
    waits_for_storage INTEGER NOT NULL CHECK (waits_for_storage IN (0, 1)),
    circuit           TEXT NOT NULL, -- empty: without a proof
    inputs            TEXT NOT NULL,
    proof             TEXT NOT NULL,
    proven            INTEGER NOT NULL CHECK (proven BETWEEN 0 AND 2),
    offer             BLOB NOT NULL CHECK (length(offer) = 16 AND offer >= x'80000000000000000000000000000000' AND offer <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    submitted_at      INTEGER NOT NULL,
    status            INTEGER NOT NULL CHECK (status BETWEEN 1 AND 6), -- see attestation.Status
    reward            BLOB NOT NULL CHECK (length(reward) = 16 AND reward >= x'80000000000000000000000000000000' AND reward <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    transaction_id    BLOB NOT NULL CHECK (length(transaction_id) = 16), -- zero: not paid
    storage           INTEGER NOT NULL CHECK (storage BETWEEN 0 AND 2),
    charged_at        INTEGER,
    notes             TEXT NOT NULL,
    steps             INTEGER NOT NULL CHECK (steps >= 1),
    updated_at        INTEGER NOT NULL
) STRICT; -- rows are long
CREATE UNIQUE INDEX teg_attestation_logs_standing ON teg_attestation_logs (scope) WHERE status NOT IN (2, 5);
CREATE INDEX teg_attestation_logs_last ON teg_attestation_logs (agent, policy, submitted_at) WHERE status NOT IN (2, 5);
CREATE INDEX teg_attestation_logs_handed ON teg_attestation_logs (agent, submitted_at);
CREATE INDEX teg_attestation_logs_agent ON teg_attestation_logs (agent, id);
CREATE INDEX teg_attestation_logs_status ON teg_attestation_logs (status, id);
CREATE INDEX teg_attestation_logs_unseen ON teg_attestation_logs (storage, id) WHERE storage = 1;
CREATE INDEX teg_attestation_logs_payable ON teg_attestation_logs (status, id) WHERE status = 6 AND (storage = 2 OR NOT waits_for_storage);

CREATE TABLE attestation_history (
    submission     BLOB NOT NULL CHECK (length(submission) = 16),
    seq            INTEGER NOT NULL CHECK (seq >= 1),
    actor          TEXT NOT NULL, -- empty: the system
    status         INTEGER NOT NULL CHECK (status BETWEEN 1 AND 6),
    reward         BLOB NOT NULL CHECK (length(reward) = 16 AND reward >= x'80000000000000000000000000000000' AND reward <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    transaction_id BLOB NOT NULL CHECK (length(transaction_id) = 16),
    storage        INTEGER NOT NULL CHECK (storage BETWEEN 0 AND 2),
    notes          TEXT NOT NULL,
    at             INTEGER NOT NULL,
    PRIMARY KEY (submission, seq)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER attestation_history_no_update BEFORE UPDATE ON attestation_history BEGIN SELECT RAISE(ABORT, 'attestation_history is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER attestation_history_no_delete BEFORE DELETE ON attestation_history BEGIN SELECT RAISE(ABORT, 'attestation_history is append-only: correct a mistake with a new row'); END;

CREATE TABLE attestation_budgets (
    policy BLOB PRIMARY KEY CHECK (length(policy) = 16),
    day    INTEGER NOT NULL, -- since 1970
    today  BLOB NOT NULL CHECK (length(today) = 16 AND today >= x'80000000000000000000000000000000' AND today <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    total  BLOB NOT NULL CHECK (length(total) = 16 AND total >= x'80000000000000000000000000000000' AND total <= x'80C097CE7BC90715B34B9F0FFFFFFFFF')
) STRICT, WITHOUT ROWID;

CREATE TABLE attestation_circuits (
    id            TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    verifying_key TEXT NOT NULL,
    key_hash      TEXT NOT NULL CHECK (length(key_hash) = 64),
    input_names   TEXT NOT NULL, -- a JSON list
    registered_by TEXT NOT NULL,
    at            INTEGER NOT NULL
) STRICT; -- rows are long
CREATE TRIGGER attestation_circuits_no_update BEFORE UPDATE ON attestation_circuits BEGIN SELECT RAISE(ABORT, 'attestation_circuits is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER attestation_circuits_no_delete BEFORE DELETE ON attestation_circuits BEGIN SELECT RAISE(ABORT, 'attestation_circuits is append-only: correct a mistake with a new row'); END;
