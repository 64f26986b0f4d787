-- When the first of what left an agent's stakes has waited long enough, on its
-- available row: whoever pays from it is given that first.
ALTER TABLE accounts ADD COLUMN next_unbonding TIMESTAMPTZ;
UPDATE accounts SET next_unbonding = (SELECT min(available_at) FROM unbondings WHERE owner = accounts.id AND live AND NOT returns)
    WHERE id IN (SELECT owner FROM unbondings WHERE live AND NOT returns);
