-- The books. SQLite's NUMERIC is a float, so amounts are sixteen bytes, big
-- endian, offset so that bytewise order is numeric order: x'80' and fifteen
-- zero bytes is 0, one more is 10^-18 AVT. The bounds are those of 36 digits.
-- Times are microseconds since 1970.
CREATE TABLE accounts (
    id               INTEGER PRIMARY KEY,
    owner            TEXT NOT NULL CHECK (length(owner) BETWEEN 7 AND 255),
    kind             INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 9), -- 3 to 5: the system's; see ledger.Kind
    stripe           INTEGER NOT NULL CHECK (stripe BETWEEN 0 AND 31),
    balance          BLOB NOT NULL CHECK (length(balance) = 16 AND balance BETWEEN x'7F3F68318436F8EA4CB460F000000001' AND x'80C097CE7BC90715B34B9F0FFFFFFFFF'
        AND (balance >= x'80000000000000000000000000000000' OR kind = 4)),
    seq              INTEGER NOT NULL CHECK (seq >= 0),
    status           INTEGER NOT NULL CHECK (status BETWEEN 1 AND 3), -- active, suspended, deactivated
    suspended_until  INTEGER,
    owes             BLOB NOT NULL DEFAULT (x'80000000000000000000000000000000') CHECK (length(owes) = 16 AND owes >= x'80000000000000000000000000000000' AND owes <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    open_holds       INTEGER NOT NULL DEFAULT 0 CHECK (open_holds BETWEEN 0 AND 1000),
    next_hold_expiry INTEGER,
    positions        INTEGER NOT NULL DEFAULT 0 CHECK (positions BETWEEN 0 AND 1000),
    debited          BLOB NOT NULL DEFAULT (x'80000000000000000000000000000000') CHECK (length(debited) = 16 AND debited >= x'80000000000000000000000000000000' AND debited <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    fees             BLOB NOT NULL DEFAULT (x'80000000000000000000000000000000') CHECK (length(fees) = 16 AND fees >= x'80000000000000000000000000000000' AND fees <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    transactions     INTEGER NOT NULL DEFAULT 0 CHECK (transactions >= 0),
    UNIQUE (owner, kind, stripe)
) STRICT;
CREATE INDEX accounts_system ON accounts (id) WHERE kind BETWEEN 3 AND 5;

CREATE TABLE agent_teg_profiles (
    did               TEXT PRIMARY KEY,
    account_id        INTEGER NOT NULL UNIQUE,
    locked_id         INTEGER NOT NULL UNIQUE,
    origin            INTEGER NOT NULL CHECK (origin BETWEEN 1 AND 3), -- bootstrap, registry, self
    metadata          TEXT,
    suspension_reason TEXT NOT NULL DEFAULT '',
    reputation_score  INTEGER NOT NULL DEFAULT 0 CHECK (reputation_score BETWEEN -1000 AND 1000),
    created_at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE teg_transactions (
    id           BLOB PRIMARY KEY CHECK (length(id) = 16),
    type         INTEGER NOT NULL,
    sender       INTEGER NOT NULL,
    sender_seq   INTEGER NOT NULL,
    receiver     INTEGER NOT NULL,
    receiver_seq INTEGER NOT NULL,
    amount       BLOB NOT NULL CHECK (length(amount) = 16 AND amount > x'80000000000000000000000000000000' AND amount <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    fee          BLOB NOT NULL CHECK (length(fee) = 16 AND fee >= x'80000000000000000000000000000000' AND fee <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    reason       TEXT,
    reference_id TEXT,
    reference    TEXT,
    at           INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX teg_transactions_reference_id ON teg_transactions (reference_id) WHERE reference_id IS NOT NULL;
CREATE INDEX teg_transactions_reference ON teg_transactions (reference) WHERE reference IS NOT NULL;

CREATE TABLE entries (
    transaction_id BLOB NOT NULL CHECK (length(transaction_id) = 16),
    leg            INTEGER NOT NULL CHECK (leg >= 0),
    account_id     INTEGER NOT NULL,
    seq            INTEGER NOT NULL CHECK (seq > 0),
    amount         BLOB NOT NULL CHECK (length(amount) = 16 AND amount BETWEEN x'7F3F68318436F8EA4CB460F000000001' AND x'80C097CE7BC90715B34B9F0FFFFFFFFF' AND amount <> x'80000000000000000000000000000000'),
    balance_after  BLOB NOT NULL CHECK (length(balance_after) = 16 AND balance_after BETWEEN x'7F3F68318436F8EA4CB460F000000001' AND x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    PRIMARY KEY (transaction_id, leg),
    UNIQUE (account_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE holds (
    id             BLOB PRIMARY KEY CHECK (length(id) = 16),
    payer          INTEGER NOT NULL,
    locked         INTEGER NOT NULL,
    receiver       INTEGER NOT NULL,
    amount         BLOB NOT NULL CHECK (length(amount) = 16 AND amount > x'80000000000000000000000000000000' AND amount <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    fee            BLOB NOT NULL CHECK (length(fee) = 16 AND fee >= x'80000000000000000000000000000000' AND fee <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    fee_fixed      BLOB NOT NULL CHECK (length(fee_fixed) = 16),
    fee_percentage INTEGER NOT NULL, -- parts per million
    fee_max        BLOB,
    fee_rewards    INTEGER NOT NULL, -- parts per million of the fee
    fee_burn       INTEGER NOT NULL,
    captured       BLOB NOT NULL CHECK (length(captured) = 16 AND captured >= x'80000000000000000000000000000000' AND captured <= x'80C097CE7BC90715B34B9F0FFFFFFFFF' AND captured <= amount),
    state          INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5), -- active, frozen, captured, voided, expired
    void_by        INTEGER NOT NULL CHECK (void_by BETWEEN 1 AND 2), -- either, receiver
    purpose        TEXT,
    created_at     INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    closed_at      INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX holds_payer ON holds (payer, id);
CREATE INDEX holds_receiver ON holds (receiver, id);
CREATE INDEX holds_active ON holds (payer) WHERE state = 1;
CREATE INDEX holds_open ON holds (expires_at) WHERE state IN (1, 2);

-- Two generations of idempotency keys, dropped whole in turn.
CREATE TABLE journal_0 (
    key         BLOB NOT NULL UNIQUE CHECK (length(key) = 16), -- of a hash over caller, verb and key
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 16),
    caller      INTEGER NOT NULL,
    verb        INTEGER NOT NULL,
    items       INTEGER NOT NULL,
    subjects    BLOB NOT NULL, -- sixteen bytes each
    refusal     BLOB,
    at          INTEGER NOT NULL
) STRICT;
CREATE INDEX journal_0_refused ON journal_0 (caller) WHERE refusal IS NOT NULL;
CREATE TABLE journal_1 (
    key         BLOB NOT NULL UNIQUE CHECK (length(key) = 16), -- of a hash over caller, verb and key
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 16),
    caller      INTEGER NOT NULL,
    verb        INTEGER NOT NULL,
    items       INTEGER NOT NULL,
    subjects    BLOB NOT NULL, -- sixteen bytes each
    refusal     BLOB,
    at          INTEGER NOT NULL
) STRICT;
CREATE INDEX journal_1_refused ON journal_1 (caller) WHERE refusal IS NOT NULL;

CREATE TABLE journal_state (
    singleton  INTEGER PRIMARY KEY CHECK (singleton = 1),
    generation INTEGER NOT NULL CHECK (generation IN (0, 1)),
    since      INTEGER NOT NULL
) STRICT;
INSERT INTO journal_state (singleton, generation, since) VALUES (1, 0, 0);

-- References are unique for ever per caller and verb.
CREATE TABLE act_references (
    key     BLOB PRIMARY KEY CHECK (length(key) = 16),
    subject BLOB NOT NULL CHECK (length(subject) = 16)
) STRICT, WITHOUT ROWID;

-- The log: one event per act, numbered without gaps in commit order.
CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    id       BLOB NOT NULL CHECK (length(id) = 16),
    action   TEXT NOT NULL,
    actor    TEXT NOT NULL,
    at       INTEGER NOT NULL,
    body     BLOB NOT NULL
) STRICT;
CREATE INDEX events_rare ON events (action, position) WHERE action <> 'transfer';
CREATE TABLE log_head (
    singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
    size      INTEGER NOT NULL CHECK (size >= 0)
) STRICT;
INSERT INTO log_head (singleton, size) VALUES (1, 0);

-- What may have to be erased one day; events and transactions hold digests.
CREATE TABLE private_parts (
    id   BLOB PRIMARY KEY CHECK (length(id) = 16),
    salt BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER teg_transactions_no_update BEFORE UPDATE ON teg_transactions BEGIN SELECT RAISE(ABORT, 'teg_transactions is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER teg_transactions_no_delete BEFORE DELETE ON teg_transactions BEGIN SELECT RAISE(ABORT, 'teg_transactions is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER act_references_no_update BEFORE UPDATE ON act_references BEGIN SELECT RAISE(ABORT, 'act_references is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER act_references_no_delete BEFORE DELETE ON act_references BEGIN SELECT RAISE(ABORT, 'act_references is append-only: correct a mistake with a new row'); END;
