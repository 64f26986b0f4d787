-- What agents put to work. Numbers of any size are their decimal digits.
CREATE TABLE staking_total (
    singleton   INTEGER PRIMARY KEY CHECK (singleton = 1),
    cycle       INTEGER NOT NULL CHECK (cycle >= 1),
    started_at  INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    tokens      BLOB NOT NULL CHECK (length(tokens) = 16 AND tokens >= x'80000000000000000000000000000000' AND tokens <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    unbonding   BLOB NOT NULL CHECK (length(unbonding) = 16 AND unbonding >= x'80000000000000000000000000000000' AND unbonding <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    weighted    INTEGER NOT NULL CHECK (weighted IN (0, 1)),
    seconds     TEXT NOT NULL CHECK (seconds = '0' OR seconds GLOB '[1-9]*' AND seconds NOT GLOB '*[^0-9]*'),
    price       TEXT NOT NULL CHECK (price = '0' OR price GLOB '[1-9]*' AND price NOT GLOB '*[^0-9]*'),
    distributed BLOB NOT NULL CHECK (length(distributed) = 16 AND distributed >= x'80000000000000000000000000000000' AND distributed <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    paid        BLOB NOT NULL CHECK (length(paid) = 16 AND paid >= x'80000000000000000000000000000000' AND paid <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    stakers     INTEGER NOT NULL CHECK (stakers >= 0),
    stakes      INTEGER NOT NULL CHECK (stakes >= 0),
    delegations INTEGER NOT NULL CHECK (delegations >= 0)
) STRICT;
INSERT INTO staking_total (singleton, cycle, started_at, at, tokens, unbonding, weighted, seconds, price, distributed, paid, stakers, stakes, delegations)
    VALUES (1, 1, 0, 0, x'80000000000000000000000000000000', x'80000000000000000000000000000000', 0, '0', '0', x'80000000000000000000000000000000', x'80000000000000000000000000000000', 0, 0, 0);

-- Value that belongs to several by shares. live is what Pool.Live says.
CREATE TABLE pools (
    id                BLOB PRIMARY KEY CHECK (length(id) = 16),
    agent             INTEGER NOT NULL,
    kind              INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 4), -- self, delegated, unbonding, unbonding_delegated
    account           INTEGER NOT NULL,
    tokens            BLOB NOT NULL CHECK (length(tokens) = 16 AND tokens >= x'80000000000000000000000000000000' AND tokens <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    shares            TEXT NOT NULL CHECK (shares = '0' OR shares GLOB '[1-9]*' AND shares NOT GLOB '*[^0-9]*'),
    pinned            BLOB NOT NULL CHECK (length(pinned) = 16 AND pinned >= x'80000000000000000000000000000000' AND pinned <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    closed            INTEGER NOT NULL CHECK (closed IN (0, 1)),
    share_index       TEXT NOT NULL CHECK (share_index = '0' OR share_index GLOB '[1-9]*' AND share_index NOT GLOB '*[^0-9]*'),
    share_open        TEXT NOT NULL CHECK (share_open = '0' OR share_open GLOB '[1-9]*' AND share_open NOT GLOB '*[^0-9]*'),
    cycle             INTEGER NOT NULL CHECK (cycle >= 1),
    at                INTEGER NOT NULL,
    commission_weight TEXT NOT NULL CHECK (commission_weight = '0' OR commission_weight GLOB '[1-9]*' AND commission_weight NOT GLOB '*[^0-9]*'),
    commission_index  TEXT NOT NULL CHECK (commission_index = '0' OR commission_index GLOB '[1-9]*' AND commission_index NOT GLOB '*[^0-9]*'),
    commission_debt   TEXT NOT NULL CHECK (ltrim(commission_debt, '-') GLOB '[1-9]*' AND substr(commission_debt, 1 + (commission_debt GLOB '-*')) NOT GLOB '*[^0-9]*' OR commission_debt = '0'),
    commission_cycle  INTEGER NOT NULL CHECK (commission_cycle >= 1),
    commission_earned TEXT NOT NULL CHECK (ltrim(commission_earned, '-') GLOB '[1-9]*' AND substr(commission_earned, 1 + (commission_earned GLOB '-*')) NOT GLOB '*[^0-9]*' OR commission_earned = '0'),
    paid              BLOB NOT NULL CHECK (length(paid) = 16 AND paid >= x'80000000000000000000000000000000' AND paid <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    live              INTEGER NOT NULL CHECK (live IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX pools_open ON pools (agent, kind) WHERE NOT closed;
CREATE INDEX pools_live ON pools (agent) WHERE live;

-- live is what Stake.Live says.
CREATE TABLE stakes (
    id            BLOB PRIMARY KEY CHECK (length(id) = 16),
    owner         INTEGER NOT NULL,
    staked_at     INTEGER NOT NULL,
    pool_id       BLOB NOT NULL CHECK (length(pool_id) = 16),
    shares        TEXT NOT NULL CHECK (shares = '0' OR shares GLOB '[1-9]*' AND shares NOT GLOB '*[^0-9]*'),
    own_weight    TEXT NOT NULL CHECK (own_weight = '0' OR own_weight GLOB '[1-9]*' AND own_weight NOT GLOB '*[^0-9]*'),
    own_index     TEXT NOT NULL CHECK (own_index = '0' OR own_index GLOB '[1-9]*' AND own_index NOT GLOB '*[^0-9]*'),
    own_debt      TEXT NOT NULL CHECK (ltrim(own_debt, '-') GLOB '[1-9]*' AND substr(own_debt, 1 + (own_debt GLOB '-*')) NOT GLOB '*[^0-9]*' OR own_debt = '0'),
    own_cycle     INTEGER NOT NULL CHECK (own_cycle >= 1),
    own_earned    TEXT NOT NULL CHECK (ltrim(own_earned, '-') GLOB '[1-9]*' AND substr(own_earned, 1 + (own_earned GLOB '-*')) NOT GLOB '*[^0-9]*' OR own_earned = '0'),
    left_weight   TEXT NOT NULL CHECK (left_weight = '0' OR left_weight GLOB '[1-9]*' AND left_weight NOT GLOB '*[^0-9]*'),
    left_index    TEXT NOT NULL CHECK (left_index = '0' OR left_index GLOB '[1-9]*' AND left_index NOT GLOB '*[^0-9]*'),
    left_debt     TEXT NOT NULL CHECK (ltrim(left_debt, '-') GLOB '[1-9]*' AND substr(left_debt, 1 + (left_debt GLOB '-*')) NOT GLOB '*[^0-9]*' OR left_debt = '0'),
    left_cycle    INTEGER NOT NULL CHECK (left_cycle >= 1),
    left_earned   TEXT NOT NULL CHECK (ltrim(left_earned, '-') GLOB '[1-9]*' AND substr(left_earned, 1 + (left_earned GLOB '-*')) NOT GLOB '*[^0-9]*' OR left_earned = '0'),
    paid          BLOB NOT NULL CHECK (length(paid) = 16 AND paid >= x'80000000000000000000000000000000' AND paid <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    parts_out     INTEGER NOT NULL CHECK (parts_out >= 0),
    auto_compound INTEGER NOT NULL CHECK (auto_compound IN (0, 1)),
    unstaked_at   INTEGER,
    claimed_at    INTEGER,
    live          INTEGER NOT NULL CHECK (live IN (0, 1)),
    CHECK (live OR unstaked_at IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX stakes_owner ON stakes (owner, id);
CREATE INDEX stakes_live ON stakes (owner, id) WHERE live;
CREATE INDEX stakes_compounding ON stakes (own_cycle) WHERE live AND auto_compound;

-- live is what Delegation.Active says.
CREATE TABLE delegations (
    id          BLOB PRIMARY KEY CHECK (length(id) = 16),
    stake_id    BLOB NOT NULL CHECK (length(stake_id) = 16),
    delegator   INTEGER NOT NULL,
    validator   INTEGER NOT NULL,
    pool_id     BLOB NOT NULL CHECK (length(pool_id) = 16),
    share       INTEGER NOT NULL CHECK (share BETWEEN 0 AND 1000000), -- parts per million, for the validator
    started_at  INTEGER NOT NULL,
    shares      TEXT NOT NULL CHECK (shares = '0' OR shares GLOB '[1-9]*' AND shares NOT GLOB '*[^0-9]*'),
    part_weight TEXT NOT NULL CHECK (part_weight = '0' OR part_weight GLOB '[1-9]*' AND part_weight NOT GLOB '*[^0-9]*'),
    part_index  TEXT NOT NULL CHECK (part_index = '0' OR part_index GLOB '[1-9]*' AND part_index NOT GLOB '*[^0-9]*'),
    part_debt   TEXT NOT NULL CHECK (ltrim(part_debt, '-') GLOB '[1-9]*' AND substr(part_debt, 1 + (part_debt GLOB '-*')) NOT GLOB '*[^0-9]*' OR part_debt = '0'),
    part_cycle  INTEGER NOT NULL CHECK (part_cycle >= 1),
    part_earned TEXT NOT NULL CHECK (ltrim(part_earned, '-') GLOB '[1-9]*' AND substr(part_earned, 1 + (part_earned GLOB '-*')) NOT GLOB '*[^0-9]*' OR part_earned = '0'),
    amount      BLOB NOT NULL CHECK (length(amount) = 16 AND amount >= x'80000000000000000000000000000000' AND amount <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    ended_at    INTEGER,
    live        INTEGER NOT NULL CHECK (live IN (0, 1)),
    CHECK (live = (ended_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX delegations_delegator ON delegations (delegator, id);
CREATE INDEX delegations_validator ON delegations (validator, id);
CREATE INDEX delegations_active_stake ON delegations (stake_id) WHERE live;
CREATE INDEX delegations_active_delegator ON delegations (delegator, id) WHERE live;
CREATE INDEX delegations_active_validator ON delegations (validator, id) WHERE live;

-- Value on its way out of a pool. live is what Unbonding.Waiting says.
CREATE TABLE unbondings (
    id           BLOB PRIMARY KEY CHECK (length(id) = 16),
    owner        INTEGER NOT NULL,
    stake_id     BLOB NOT NULL CHECK (length(stake_id) = 16),
    pool_id      BLOB NOT NULL CHECK (length(pool_id) = 16),
    shares       TEXT NOT NULL CHECK (shares = '0' OR shares GLOB '[1-9]*' AND shares NOT GLOB '*[^0-9]*'),
    returns      INTEGER NOT NULL CHECK (returns IN (0, 1)),
    available_at INTEGER NOT NULL,
    released_at  INTEGER,
    live         INTEGER NOT NULL CHECK (live IN (0, 1)),
    CHECK (live = (released_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX unbondings_owner ON unbondings (owner) WHERE live;
CREATE INDEX unbondings_stake ON unbondings (stake_id) WHERE live;
CREATE INDEX unbondings_due ON unbondings (available_at, id) WHERE live;

-- Cycles that were closed.
CREATE TABLE reward_cycles (
    number       INTEGER PRIMARY KEY CHECK (number >= 1),
    id           BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    started_at   INTEGER NOT NULL,
    ended_at     INTEGER NOT NULL,
    weighted     INTEGER NOT NULL CHECK (weighted IN (0, 1)),
    rate         INTEGER NOT NULL CHECK (rate BETWEEN 0 AND 1000000), -- parts per million
    pool         BLOB NOT NULL CHECK (length(pool) = 16 AND pool >= x'80000000000000000000000000000000' AND pool <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    collected    BLOB NOT NULL CHECK (length(collected) = 16 AND collected >= x'80000000000000000000000000000000' AND collected <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    from_reserve BLOB NOT NULL CHECK (length(from_reserve) = 16 AND from_reserve >= x'80000000000000000000000000000000' AND from_reserve <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    issued       BLOB NOT NULL CHECK (length(issued) = 16 AND issued >= x'80000000000000000000000000000000' AND issued <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    stakers      INTEGER NOT NULL CHECK (stakers >= 0),
    price        TEXT NOT NULL CHECK (price = '0' OR price GLOB '[1-9]*' AND price NOT GLOB '*[^0-9]*'),
    price_sum    TEXT NOT NULL CHECK (price_sum = '0' OR price_sum GLOB '[1-9]*' AND price_sum NOT GLOB '*[^0-9]*')
) STRICT;

CREATE TABLE slashes (
    id               BLOB PRIMARY KEY CHECK (length(id) = 16),
    agent            INTEGER NOT NULL,
    evidence         TEXT NOT NULL UNIQUE,
    reason           TEXT NOT NULL,
    self_rate        INTEGER NOT NULL CHECK (self_rate BETWEEN 0 AND 1000000), -- parts per million
    delegations_rate INTEGER NOT NULL CHECK (delegations_rate BETWEEN 0 AND 1000000),
    self_amount      BLOB NOT NULL CHECK (length(self_amount) = 16 AND self_amount >= x'80000000000000000000000000000000' AND self_amount <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    delegated_amount BLOB NOT NULL CHECK (length(delegated_amount) = 16 AND delegated_amount >= x'80000000000000000000000000000000' AND delegated_amount <= x'80C097CE7BC90715B34B9F0FFFFFFFFF'),
    at               INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX slashes_agent ON slashes (agent, id);

CREATE TRIGGER reward_cycles_no_update BEFORE UPDATE ON reward_cycles BEGIN SELECT RAISE(ABORT, 'reward_cycles is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER reward_cycles_no_delete BEFORE DELETE ON reward_cycles BEGIN SELECT RAISE(ABORT, 'reward_cycles is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER slashes_no_update BEFORE UPDATE ON slashes BEGIN SELECT RAISE(ABORT, 'slashes is append-only: correct a mistake with a new row'); END;
CREATE TRIGGER slashes_no_delete BEFORE DELETE ON slashes BEGIN SELECT RAISE(ABORT, 'slashes is append-only: correct a mistake with a new row'); END;
