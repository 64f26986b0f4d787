-- Conduct: what changed a score and what was said of AVTP transactions never
-- changes; the score stands on the profile.
ALTER TABLE agent_teg_profiles ADD COLUMN reputation_events INTEGER NOT NULL DEFAULT 0 CHECK (reputation_events >= 0);
ALTER TABLE agent_teg_profiles ADD COLUMN positive_signals INTEGER NOT NULL DEFAULT 0 CHECK (positive_signals >= 0);
ALTER TABLE agent_teg_profiles ADD COLUMN negative_signals INTEGER NOT NULL DEFAULT 0 CHECK (negative_signals >= 0);
ALTER TABLE agent_teg_profiles ADD COLUMN reputation_at INTEGER;
CREATE INDEX agent_teg_profiles_ranking ON agent_teg_profiles (reputation_score DESC, account_id);

CREATE TABLE reputation_events (
    agent          INTEGER NOT NULL,
    seq            INTEGER NOT NULL CHECK (seq >= 1),
    requested      INTEGER NOT NULL,
    applied        INTEGER NOT NULL,
    score          INTEGER NOT NULL CHECK (score BETWEEN -1000 AND 1000),
    reason         INTEGER NOT NULL CHECK (reason >= 1), -- see reputation.Reason
    giver          INTEGER NOT NULL, -- of a signal; 0 otherwise
    weight         INTEGER NOT NULL CHECK (weight BETWEEN 0 AND 1000000), -- of a signal, in parts per million
    transaction_id BLOB NOT NULL CHECK (length(transaction_id) = 16), -- zeros: none
    related_id     BLOB NOT NULL CHECK (length(related_id) = 16), -- zeros: none
    at             INTEGER NOT NULL,
    PRIMARY KEY (agent, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX reputation_events_signal ON reputation_events (transaction_id) WHERE reason = 1;
CREATE INDEX reputation_events_pair ON reputation_events (giver, agent, at) WHERE reason = 1;
CREATE INDEX reputation_events_at ON reputation_events (agent, at);

-- How many agents have a score. Writers count in stripes of their own, so that
-- they do not meet: a stripe alone may be below zero.
CREATE TABLE reputation_histogram (
    score  INTEGER NOT NULL CHECK (score BETWEEN -1000 AND 1000),
    stripe INTEGER NOT NULL CHECK (stripe BETWEEN 0 AND 31),
    agents INTEGER NOT NULL,
    PRIMARY KEY (score, stripe)
) STRICT, WITHOUT ROWID;
INSERT INTO reputation_histogram (score, stripe, agents) SELECT reputation_score, 0, count(*) FROM agent_teg_profiles GROUP BY reputation_score;

CREATE TABLE avtp_transaction_summary_logs (
    id                  BLOB PRIMARY KEY CHECK (length(id) = 16),
    scope               BLOB NOT NULL CHECK (length(scope) = 16), -- of a hash over both agents and AVTP's id
    own                 BLOB NOT NULL UNIQUE CHECK (length(own) = 16), -- of a hash over the reporter, whether it is final, and the scope
    reporter            TEXT NOT NULL CHECK (length(reporter) BETWEEN 7 AND 255),
    avtp_transaction_id TEXT NOT NULL,
    initiator           INTEGER NOT NULL,
    responder           INTEGER NOT NULL CHECK (responder <> initiator),
    service             TEXT NOT NULL,
    price               BLOB NOT NULL CHECK (length(price) = 16 AND price >= x'80000000000000000000000000000000' AND price <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    sla                 TEXT NOT NULL,
    transaction_id      BLOB NOT NULL CHECK (length(transaction_id) = 16), -- zeros: none
    outcome             INTEGER NOT NULL CHECK (outcome BETWEEN 1 AND 4), -- see reputation.Outcome
    final               INTEGER NOT NULL CHECK (final IN (0, 1)),
    status              INTEGER NOT NULL CHECK (status BETWEEN 1 AND 3), -- pending, applied, disputed
    at                  INTEGER NOT NULL,
    initiator_seq       INTEGER NOT NULL CHECK (initiator_seq >= 0), -- of its event; 0: none
    responder_seq       INTEGER NOT NULL CHECK (responder_seq >= 0),
    initiator_change    INTEGER NOT NULL,
    responder_change    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX avtp_transaction_summary_logs_scope ON avtp_transaction_summary_logs (scope);

CREATE TRIGGER reputation_events_no_update BEFORE UPDATE ON reputation_events BEGIN SELECT RAISE(ABORT, 'reputation_events is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER reputation_events_no_delete BEFORE DELETE ON reputation_events BEGIN SELECT RAISE(ABORT, 'reputation_events is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER avtp_transaction_summary_logs_no_update BEFORE UPDATE ON avtp_transaction_summary_logs BEGIN SELECT RAISE(ABORT, 'avtp_transaction_summary_logs is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER avtp_transaction_summary_logs_no_delete BEFORE DELETE ON avtp_transaction_summary_logs BEGIN SELECT RAISE(ABORT, 'avtp_transaction_summary_logs is append-only: correct a mistake with a new row'); END;
