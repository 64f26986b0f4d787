-- Transactions of each type but the commonest, so that those of a rare one are found at once.
-- Transfers are not in it, and cost what they did.
CREATE INDEX teg_transactions_rare ON teg_transactions (type, id) WHERE type <> 1;
