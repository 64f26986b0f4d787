DROP TABLE staking_total, pools, stakes, delegations, unbondings, reward_cycles, slashes;
