-- The books. Amounts are NUMERIC(36,18) with both bounds in a CHECK: NUMERIC
-- admits NaN, which is greater than everything, and rounds a 19th decimal.
CREATE SEQUENCE account_ids;

CREATE TABLE accounts (
    id               BIGINT PRIMARY KEY,
    owner            TEXT COLLATE "C" NOT NULL CHECK (octet_length(owner) BETWEEN 7 AND 255),
    kind             SMALLINT NOT NULL CHECK (kind BETWEEN 1 AND 9), -- 3 to 5: the system's; see ledger.Kind
    stripe           SMALLINT NOT NULL CHECK (stripe BETWEEN 0 AND 31),
    balance          NUMERIC(36,18) NOT NULL,
    seq              BIGINT NOT NULL CHECK (seq >= 0),
    status           SMALLINT NOT NULL CHECK (status BETWEEN 1 AND 3), -- active, suspended, deactivated
    suspended_until  TIMESTAMPTZ,
    owes             NUMERIC(36,18) NOT NULL DEFAULT 0 CHECK (owes BETWEEN 0 AND 999999999999999999.999999999999999999),
    open_holds       INTEGER NOT NULL DEFAULT 0 CHECK (open_holds BETWEEN 0 AND 1000),
    next_hold_expiry TIMESTAMPTZ,
    positions        INTEGER NOT NULL DEFAULT 0 CHECK (positions BETWEEN 0 AND 1000),
    debited          NUMERIC(36,18) NOT NULL DEFAULT 0 CHECK (debited BETWEEN 0 AND 999999999999999999.999999999999999999),
    fees             NUMERIC(36,18) NOT NULL DEFAULT 0 CHECK (fees BETWEEN 0 AND 999999999999999999.999999999999999999),
    transactions     BIGINT NOT NULL DEFAULT 0 CHECK (transactions >= 0),
    CONSTRAINT accounts_owner_key UNIQUE (owner, kind, stripe),
    CONSTRAINT accounts_balance_range CHECK (
        balance BETWEEN -999999999999999999.999999999999999999 AND 999999999999999999.999999999999999999
        AND (balance >= 0 OR kind = 4))
) WITH (fillfactor = 70);
CREATE INDEX accounts_system ON accounts (id) WHERE kind BETWEEN 3 AND 5;

CREATE TABLE agent_teg_profiles (
    did               TEXT COLLATE "C" PRIMARY KEY,
    account_id        BIGINT NOT NULL UNIQUE,
    locked_id         BIGINT NOT NULL UNIQUE,
    origin            SMALLINT NOT NULL CHECK (origin BETWEEN 1 AND 3), -- bootstrap, registry, self
    metadata          TEXT,
    suspension_reason TEXT NOT NULL DEFAULT '',
    reputation_score  INTEGER NOT NULL DEFAULT 0 CHECK (reputation_score BETWEEN -1000 AND 1000),
    created_at        TIMESTAMPTZ NOT NULL
);

CREATE TABLE teg_transactions (
    id           UUID PRIMARY KEY,
    type         SMALLINT NOT NULL,
    sender       BIGINT NOT NULL,
    sender_seq   BIGINT NOT NULL,
    receiver     BIGINT NOT NULL,
    receiver_seq BIGINT NOT NULL,
    amount       NUMERIC(36,18) NOT NULL CHECK (amount > 0 AND amount <= 999999999999999999.999999999999999999),
    fee          NUMERIC(36,18) NOT NULL CHECK (fee BETWEEN 0 AND 999999999999999999.999999999999999999),
    reason       TEXT,
    reference_id TEXT COLLATE "C",
    reference    TEXT COLLATE "C",
    at           TIMESTAMPTZ NOT NULL
);
CREATE INDEX teg_transactions_reference_id ON teg_transactions (reference_id) WHERE reference_id IS NOT NULL;
CREATE INDEX teg_transactions_reference ON teg_transactions (reference) WHERE reference IS NOT NULL;

CREATE TABLE entries (
    transaction_id UUID NOT NULL,
    leg            SMALLINT NOT NULL CHECK (leg >= 0),
    account_id     BIGINT NOT NULL,
    seq            BIGINT NOT NULL CHECK (seq > 0),
    amount         NUMERIC(36,18) NOT NULL CHECK (amount <> 0
        AND amount BETWEEN -999999999999999999.999999999999999999 AND 999999999999999999.999999999999999999),
    balance_after  NUMERIC(36,18) NOT NULL CHECK (
        balance_after BETWEEN -999999999999999999.999999999999999999 AND 999999999999999999.999999999999999999),
    PRIMARY KEY (transaction_id, leg),
    CONSTRAINT entries_chain UNIQUE (account_id, seq)
);

CREATE TABLE holds (
    id             UUID PRIMARY KEY,
    payer          BIGINT NOT NULL,
    locked         BIGINT NOT NULL,
    receiver       BIGINT NOT NULL,
    amount         NUMERIC(36,18) NOT NULL CHECK (amount > 0 AND amount <= 999999999999999999.999999999999999999),
    fee            NUMERIC(36,18) NOT NULL CHECK (fee BETWEEN 0 AND 999999999999999999.999999999999999999),
    fee_fixed      NUMERIC(36,18) NOT NULL,
    fee_percentage INTEGER NOT NULL, -- parts per million
    fee_max        NUMERIC(36,18),
    fee_rewards    INTEGER NOT NULL, -- parts per million of the fee
    fee_burn       INTEGER NOT NULL,
    captured       NUMERIC(36,18) NOT NULL DEFAULT 0 CHECK (captured >= 0 AND captured <= amount),
    state          SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 5), -- active, frozen, captured, voided, expired
    void_by        SMALLINT NOT NULL CHECK (void_by BETWEEN 1 AND 2), -- either, receiver
    purpose        TEXT,
    created_at     TIMESTAMPTZ NOT NULL,
    expires_at     TIMESTAMPTZ NOT NULL,
    closed_at      TIMESTAMPTZ
);
CREATE INDEX holds_payer ON holds (payer, id);
CREATE INDEX holds_receiver ON holds (receiver, id);
CREATE INDEX holds_active ON holds (payer) WHERE state = 1;
CREATE INDEX holds_open ON holds (expires_at) WHERE state IN (1, 2);

-- Two generations of idempotency keys, dropped whole in turn.
CREATE TABLE journal_0 (
    key         UUID PRIMARY KEY, -- sixteen bytes of a hash over caller, verb and key
    fingerprint UUID NOT NULL,
    caller      BIGINT NOT NULL,
    verb        SMALLINT NOT NULL,
    items       INTEGER NOT NULL,
    subjects    BYTEA NOT NULL, -- sixteen bytes each
    refusal     BYTEA,
    at          TIMESTAMPTZ NOT NULL
);
CREATE TABLE journal_1 (LIKE journal_0 INCLUDING ALL);
CREATE INDEX journal_0_refused ON journal_0 (caller) WHERE refusal IS NOT NULL;
CREATE INDEX journal_1_refused ON journal_1 (caller) WHERE refusal IS NOT NULL;

CREATE TABLE journal_state (
    singleton  BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (singleton),
    generation SMALLINT NOT NULL CHECK (generation IN (0, 1)),
    since      TIMESTAMPTZ NOT NULL
);
INSERT INTO journal_state (generation, since) VALUES (0, 'epoch');

-- References are unique for ever per caller and verb.
CREATE TABLE act_references (
    key     UUID PRIMARY KEY,
    subject UUID NOT NULL
);

-- The log: one event per act, numbered without gaps in commit order.
CREATE TABLE events (
    position BIGINT PRIMARY KEY,
    id       UUID NOT NULL,
    action   TEXT COLLATE "C" NOT NULL,
    actor    TEXT COLLATE "C" NOT NULL,
    at       TIMESTAMPTZ NOT NULL,
    body     BYTEA NOT NULL
);
CREATE INDEX events_rare ON events (action, position) WHERE action <> 'transfer';
CREATE TABLE log_head (
    singleton BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (singleton),
    size      BIGINT NOT NULL CHECK (size >= 0)
) WITH (fillfactor = 10);
INSERT INTO log_head (size) VALUES (0);
-- Events of transactions that a host brought wait here to be numbered.
CREATE TABLE event_inbox (
    id     UUID PRIMARY KEY,
    action TEXT COLLATE "C" NOT NULL,
    actor  TEXT COLLATE "C" NOT NULL,
    at     TIMESTAMPTZ NOT NULL,
    body   BYTEA NOT NULL
);

-- What may have to be erased one day; events and transactions hold digests.
CREATE TABLE private_parts (
    id   UUID PRIMARY KEY,
    salt BYTEA NOT NULL,
    body BYTEA NOT NULL
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: correct a mistake with a new row', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON teg_transactions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON teg_transactions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON act_references FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON act_references FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
