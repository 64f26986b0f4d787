-- Who owes whom. An agent that owes gets one more account row, on which what comes
-- in is set aside for its creditors. SQLite cannot change what a CHECK says, so the
-- table is made again.
CREATE TABLE accounts_again (
    id               INTEGER PRIMARY KEY,
    owner            TEXT NOT NULL CHECK (length(owner) BETWEEN 7 AND 255),
    kind             INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 10), -- 3 to 5: the system's; see ledger.Kind
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
    next_unbonding   INTEGER,
    UNIQUE (owner, kind, stripe)
) STRICT;
INSERT INTO accounts_again (id, owner, kind, stripe, balance, seq, status, suspended_until, owes, open_holds, next_hold_expiry, positions,
    debited, fees, transactions, next_unbonding)
    SELECT id, owner, kind, stripe, balance, seq, status, suspended_until, owes, open_holds, next_hold_expiry, positions,
    debited, fees, transactions, next_unbonding FROM accounts;
DROP TABLE accounts;
ALTER TABLE accounts_again RENAME TO accounts;
CREATE INDEX accounts_system ON accounts (id) WHERE kind BETWEEN 3 AND 5;
CREATE INDEX accounts_garnished ON accounts (id) WHERE kind = 10;

CREATE TABLE debts (
    id         BLOB PRIMARY KEY CHECK (length(id) = 16),
    debtor     INTEGER NOT NULL, -- available rows
    creditor   INTEGER NOT NULL CHECK (creditor <> debtor),
    amount     BLOB NOT NULL CHECK (length(amount) = 16 AND amount > x'80000000000000000000000000000000' AND amount <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    cause      BLOB NOT NULL CHECK (length(cause) = 16),
    created_at INTEGER NOT NULL,
    collected  BLOB NOT NULL CHECK (length(collected) = 16 AND collected >= x'80000000000000000000000000000000' AND collected <= amount),
    closed_at  INTEGER,
    live       INTEGER NOT NULL, -- something is left of it
    CHECK (live = (closed_at IS NULL) AND live = (collected < amount))
) STRICT, WITHOUT ROWID;
CREATE INDEX debts_debtor ON debts (debtor, id);
CREATE INDEX debts_creditor ON debts (creditor, id);
CREATE INDEX debts_cause ON debts (cause);
CREATE INDEX debts_open_debtor ON debts (debtor, id) WHERE live;
CREATE INDEX debts_open_creditor ON debts (creditor, id) WHERE live;
