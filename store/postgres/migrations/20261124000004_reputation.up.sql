-- Conduct: what changed a score and what was said of AVTP transactions never
-- changes; the score stands on the profile.
ALTER TABLE agent_teg_profiles
    ADD COLUMN reputation_events BIGINT NOT NULL DEFAULT 0 CHECK (reputation_events >= 0),
    ADD COLUMN positive_signals  BIGINT NOT NULL DEFAULT 0 CHECK (positive_signals >= 0),
    ADD COLUMN negative_signals  BIGINT NOT NULL DEFAULT 0 CHECK (negative_signals >= 0),
    ADD COLUMN reputation_at     TIMESTAMPTZ;
CREATE INDEX agent_teg_profiles_ranking ON agent_teg_profiles (reputation_score DESC, account_id);

CREATE TABLE reputation_events (
    agent          BIGINT NOT NULL,
    seq            BIGINT NOT NULL CHECK (seq >= 1),
    requested      INTEGER NOT NULL,
    applied        INTEGER NOT NULL,
    score          INTEGER NOT NULL CHECK (score BETWEEN -1000 AND 1000),
    reason         SMALLINT NOT NULL CHECK (reason >= 1), -- see reputation.Reason
    giver          BIGINT NOT NULL, -- of a signal; 0 otherwise
    weight         INTEGER NOT NULL CHECK (weight BETWEEN 0 AND 1000000), -- of a signal, in parts per million
    transaction_id UUID NOT NULL, -- zeros: none
    related_id     UUID NOT NULL, -- zeros: none
    at             TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (agent, seq)
);
CREATE UNIQUE INDEX reputation_events_signal ON reputation_events (transaction_id) WHERE reason = 1;
CREATE INDEX reputation_events_pair ON reputation_events (giver, agent, at) WHERE reason = 1;
CREATE INDEX reputation_events_at ON reputation_events (agent, at);

-- How many agents have a score. Writers count in stripes of their own, so that
-- they do not meet: a stripe alone may be below zero.
CREATE TABLE reputation_histogram (
    score  INTEGER NOT NULL CHECK (score BETWEEN -1000 AND 1000),
    stripe SMALLINT NOT NULL CHECK (stripe BETWEEN 0 AND 31),
    agents BIGINT NOT NULL,
    PRIMARY KEY (score, stripe)
);
INSERT INTO reputation_histogram (score, stripe, agents) SELECT reputation_score, 0, count(*) FROM agent_teg_profiles GROUP BY reputation_score;

CREATE TABLE avtp_transaction_summary_logs (
    id                  UUID PRIMARY KEY,
    scope               UUID NOT NULL, -- of a hash over both agents and AVTP's id
    own                 UUID NOT NULL UNIQUE, -- of a hash over the reporter, whether it is final, and the scope
    reporter            TEXT COLLATE "C" NOT NULL CHECK (length(reporter) BETWEEN 7 AND 255),
    avtp_transaction_id TEXT COLLATE "C" NOT NULL,
    initiator           BIGINT NOT NULL,
    responder           BIGINT NOT NULL CHECK (responder <> initiator),
    service             TEXT NOT NULL,
    price               NUMERIC(36,18) NOT NULL CHECK (price BETWEEN 0 AND 999999999999999999.999999999999999999),
    sla                 TEXT NOT NULL,
    transaction_id      UUID NOT NULL, -- zeros: none
    outcome             SMALLINT NOT NULL CHECK (outcome BETWEEN 1 AND 4), -- see reputation.Outcome
    final               BOOLEAN NOT NULL,
    status              SMALLINT NOT NULL CHECK (status BETWEEN 1 AND 3), -- pending, applied, disputed
    at                  TIMESTAMPTZ NOT NULL,
    initiator_seq       BIGINT NOT NULL CHECK (initiator_seq >= 0), -- of its event; 0: none
    responder_seq       BIGINT NOT NULL CHECK (responder_seq >= 0),
    initiator_change    INTEGER NOT NULL,
    responder_change    INTEGER NOT NULL
);
CREATE INDEX avtp_transaction_summary_logs_scope ON avtp_transaction_summary_logs (scope);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reputation_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON reputation_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON avtp_transaction_summary_logs FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON avtp_transaction_summary_logs FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
