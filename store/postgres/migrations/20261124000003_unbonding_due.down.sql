ALTER TABLE accounts DROP COLUMN next_unbonding;
