DROP TABLE staking_total;
DROP TABLE pools;
DROP TABLE stakes;
DROP TABLE delegations;
DROP TABLE unbondings;
DROP TABLE reward_cycles;
DROP TABLE slashes;
