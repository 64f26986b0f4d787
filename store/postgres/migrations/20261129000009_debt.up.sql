-- Who owes whom. An agent that owes gets one more account row, on which what comes
-- in is set aside for its creditors.
ALTER TABLE accounts DROP CONSTRAINT accounts_kind_check;
ALTER TABLE accounts ADD CONSTRAINT accounts_kind_check CHECK (kind BETWEEN 1 AND 10); -- 3 to 5: the system's; see ledger.Kind
CREATE INDEX accounts_garnished ON accounts (id) WHERE kind = 10;

CREATE TABLE debts (
    id         UUID PRIMARY KEY,
    debtor     BIGINT NOT NULL, -- available rows
    creditor   BIGINT NOT NULL CHECK (creditor <> debtor),
    amount     NUMERIC(36,18) NOT NULL CHECK (amount > 0 AND amount <= 999999999999999999.999999999999999999),
    cause      UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    collected  NUMERIC(36,18) NOT NULL CHECK (collected >= 0 AND collected <= amount),
    closed_at  TIMESTAMPTZ,
    live       BOOLEAN NOT NULL, -- something is left of it
    CHECK (live = (closed_at IS NULL) AND live = (collected < amount))
);
CREATE INDEX debts_debtor ON debts (debtor, id);
CREATE INDEX debts_creditor ON debts (creditor, id);
CREATE INDEX debts_cause ON debts (cause);
CREATE INDEX debts_open_debtor ON debts (debtor, id) WHERE live;
CREATE INDEX debts_open_creditor ON debts (creditor, id) WHERE live;
