-- What agents put to work. Numbers of any size are their decimal digits.
-- Whoever acts on stakes locks the row of the total first. What has ended is not
-- live: a column says so, since of IS NULL PostgreSQL guesses that it is rare.
CREATE TABLE staking_total (
    singleton   BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (singleton),
    cycle       BIGINT NOT NULL CHECK (cycle >= 1),
    started_at  TIMESTAMPTZ NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    tokens      NUMERIC(36,18) NOT NULL CHECK (tokens BETWEEN 0 AND 999999999999999999.999999999999999999),
    unbonding   NUMERIC(36,18) NOT NULL CHECK (unbonding BETWEEN 0 AND 999999999999999999.999999999999999999),
    weighted    BOOLEAN NOT NULL,
    seconds     TEXT COLLATE "C" NOT NULL CHECK (seconds ~ '^(0|[1-9][0-9]*)$'),
    price       TEXT COLLATE "C" NOT NULL CHECK (price ~ '^(0|[1-9][0-9]*)$'),
    distributed NUMERIC(36,18) NOT NULL CHECK (distributed BETWEEN 0 AND 999999999999999999.999999999999999999),
    paid        NUMERIC(36,18) NOT NULL CHECK (paid BETWEEN 0 AND 999999999999999999.999999999999999999),
    stakers     BIGINT NOT NULL CHECK (stakers >= 0),
    stakes      BIGINT NOT NULL CHECK (stakes >= 0),
    delegations BIGINT NOT NULL CHECK (delegations >= 0)
) WITH (fillfactor = 10);
INSERT INTO staking_total (cycle, started_at, at, tokens, unbonding, weighted, seconds, price, distributed, paid, stakers, stakes, delegations)
    VALUES (1, 'epoch', 'epoch', 0, 0, FALSE, '0', '0', 0, 0, 0, 0, 0);

-- Value that belongs to several by shares. live is what Pool.Live says.
CREATE TABLE pools (
    id                UUID PRIMARY KEY,
    agent             BIGINT NOT NULL,
    kind              SMALLINT NOT NULL CHECK (kind BETWEEN 1 AND 4), -- self, delegated, unbonding, unbonding_delegated
    account           BIGINT NOT NULL,
    tokens            NUMERIC(36,18) NOT NULL CHECK (tokens BETWEEN 0 AND 999999999999999999.999999999999999999),
    shares            TEXT COLLATE "C" NOT NULL CHECK (shares ~ '^(0|[1-9][0-9]*)$'),
    pinned            NUMERIC(36,18) NOT NULL CHECK (pinned BETWEEN 0 AND 999999999999999999.999999999999999999),
    closed            BOOLEAN NOT NULL,
    share_index       TEXT COLLATE "C" NOT NULL CHECK (share_index ~ '^(0|[1-9][0-9]*)$'),
    share_open        TEXT COLLATE "C" NOT NULL CHECK (share_open ~ '^(0|[1-9][0-9]*)$'),
    cycle             BIGINT NOT NULL CHECK (cycle >= 1),
    at                TIMESTAMPTZ NOT NULL,
    commission_weight TEXT COLLATE "C" NOT NULL CHECK (commission_weight ~ '^(0|[1-9][0-9]*)$'),
    commission_index  TEXT COLLATE "C" NOT NULL CHECK (commission_index ~ '^(0|[1-9][0-9]*)$'),
    commission_debt   TEXT COLLATE "C" NOT NULL CHECK (commission_debt ~ '^(0|-?[1-9][0-9]*)$'),
    commission_cycle  BIGINT NOT NULL CHECK (commission_cycle >= 1),
    commission_earned TEXT COLLATE "C" NOT NULL CHECK (commission_earned ~ '^(0|-?[1-9][0-9]*)$'),
    paid              NUMERIC(36,18) NOT NULL CHECK (paid BETWEEN 0 AND 999999999999999999.999999999999999999),
    live              BOOLEAN NOT NULL
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX pools_open ON pools (agent, kind) WHERE NOT closed;
CREATE INDEX pools_live ON pools (agent) WHERE live;

-- live is what Stake.Live says.
CREATE TABLE stakes (
    id            UUID PRIMARY KEY,
    owner         BIGINT NOT NULL,
    staked_at     TIMESTAMPTZ NOT NULL,
    pool_id       UUID NOT NULL,
    shares        TEXT COLLATE "C" NOT NULL CHECK (shares ~ '^(0|[1-9][0-9]*)$'),
    own_weight    TEXT COLLATE "C" NOT NULL CHECK (own_weight ~ '^(0|[1-9][0-9]*)$'),
    own_index     TEXT COLLATE "C" NOT NULL CHECK (own_index ~ '^(0|[1-9][0-9]*)$'),
    own_debt      TEXT COLLATE "C" NOT NULL CHECK (own_debt ~ '^(0|-?[1-9][0-9]*)$'),
    own_cycle     BIGINT NOT NULL CHECK (own_cycle >= 1),
    own_earned    TEXT COLLATE "C" NOT NULL CHECK (own_earned ~ '^(0|-?[1-9][0-9]*)$'),
    left_weight   TEXT COLLATE "C" NOT NULL CHECK (left_weight ~ '^(0|[1-9][0-9]*)$'),
    left_index    TEXT COLLATE "C" NOT NULL CHECK (left_index ~ '^(0|[1-9][0-9]*)$'),
    left_debt     TEXT COLLATE "C" NOT NULL CHECK (left_debt ~ '^(0|-?[1-9][0-9]*)$'),
    left_cycle    BIGINT NOT NULL CHECK (left_cycle >= 1),
    left_earned   TEXT COLLATE "C" NOT NULL CHECK (left_earned ~ '^(0|-?[1-9][0-9]*)$'),
    paid          NUMERIC(36,18) NOT NULL CHECK (paid BETWEEN 0 AND 999999999999999999.999999999999999999),
    parts_out     INTEGER NOT NULL CHECK (parts_out >= 0),
    auto_compound BOOLEAN NOT NULL,
    unstaked_at   TIMESTAMPTZ,
    claimed_at    TIMESTAMPTZ,
    live          BOOLEAN NOT NULL,
    CHECK (live OR unstaked_at IS NOT NULL)
) WITH (fillfactor = 70);
CREATE INDEX stakes_owner ON stakes (owner, id);
CREATE INDEX stakes_live ON stakes (owner, id) WHERE live;
CREATE INDEX stakes_compounding ON stakes (own_cycle) WHERE live AND auto_compound;

-- live is what Delegation.Active says.
CREATE TABLE delegations (
    id          UUID PRIMARY KEY,
    stake_id    UUID NOT NULL,
    delegator   BIGINT NOT NULL,
    validator   BIGINT NOT NULL,
    pool_id     UUID NOT NULL,
    share       INTEGER NOT NULL CHECK (share BETWEEN 0 AND 1000000), -- parts per million, for the validator
    started_at  TIMESTAMPTZ NOT NULL,
    shares      TEXT COLLATE "C" NOT NULL CHECK (shares ~ '^(0|[1-9][0-9]*)$'),
    part_weight TEXT COLLATE "C" NOT NULL CHECK (part_weight ~ '^(0|[1-9][0-9]*)$'),
    part_index  TEXT COLLATE "C" NOT NULL CHECK (part_index ~ '^(0|[1-9][0-9]*)$'),
    part_debt   TEXT COLLATE "C" NOT NULL CHECK (part_debt ~ '^(0|-?[1-9][0-9]*)$'),
    part_cycle  BIGINT NOT NULL CHECK (part_cycle >= 1),
    part_earned TEXT COLLATE "C" NOT NULL CHECK (part_earned ~ '^(0|-?[1-9][0-9]*)$'),
    amount      NUMERIC(36,18) NOT NULL CHECK (amount BETWEEN 0 AND 999999999999999999.999999999999999999),
    ended_at    TIMESTAMPTZ,
    live        BOOLEAN NOT NULL,
    CHECK (live = (ended_at IS NULL))
) WITH (fillfactor = 70);
CREATE INDEX delegations_delegator ON delegations (delegator, id);
CREATE INDEX delegations_validator ON delegations (validator, id);
CREATE INDEX delegations_active_stake ON delegations (stake_id) WHERE live;
CREATE INDEX delegations_active_delegator ON delegations (delegator, id) WHERE live;
CREATE INDEX delegations_active_validator ON delegations (validator, id) WHERE live;

-- Value on its way out of a pool. live is what Unbonding.Waiting says.
CREATE TABLE unbondings (
    id           UUID PRIMARY KEY,
    owner        BIGINT NOT NULL,
    stake_id     UUID NOT NULL,
    pool_id      UUID NOT NULL,
    shares       TEXT COLLATE "C" NOT NULL CHECK (shares ~ '^(0|[1-9][0-9]*)$'),
    returns      BOOLEAN NOT NULL,
    available_at TIMESTAMPTZ NOT NULL,
    released_at  TIMESTAMPTZ,
    live         BOOLEAN NOT NULL,
    CHECK (live = (released_at IS NULL))
);
CREATE INDEX unbondings_owner ON unbondings (owner) WHERE live;
CREATE INDEX unbondings_stake ON unbondings (stake_id) WHERE live;
CREATE INDEX unbondings_due ON unbondings (available_at, id) WHERE live;

-- Cycles that were closed.
CREATE TABLE reward_cycles (
    number       BIGINT PRIMARY KEY CHECK (number >= 1),
    id           UUID NOT NULL UNIQUE,
    started_at   TIMESTAMPTZ NOT NULL,
    ended_at     TIMESTAMPTZ NOT NULL,
    weighted     BOOLEAN NOT NULL,
    rate         INTEGER NOT NULL CHECK (rate BETWEEN 0 AND 1000000), -- parts per million
    pool         NUMERIC(36,18) NOT NULL CHECK (pool BETWEEN 0 AND 999999999999999999.999999999999999999),
    collected    NUMERIC(36,18) NOT NULL CHECK (collected BETWEEN 0 AND 999999999999999999.999999999999999999),
    from_reserve NUMERIC(36,18) NOT NULL CHECK (from_reserve BETWEEN 0 AND 999999999999999999.999999999999999999),
    issued       NUMERIC(36,18) NOT NULL CHECK (issued BETWEEN 0 AND 999999999999999999.999999999999999999),
    stakers      BIGINT NOT NULL CHECK (stakers >= 0),
    price        TEXT COLLATE "C" NOT NULL CHECK (price ~ '^(0|[1-9][0-9]*)$'),
    price_sum    TEXT COLLATE "C" NOT NULL CHECK (price_sum ~ '^(0|[1-9][0-9]*)$')
);

CREATE TABLE slashes (
    id               UUID PRIMARY KEY,
    agent            BIGINT NOT NULL,
    evidence         TEXT COLLATE "C" NOT NULL UNIQUE,
    reason           TEXT NOT NULL,
    self_rate        INTEGER NOT NULL CHECK (self_rate BETWEEN 0 AND 1000000), -- parts per million
    delegations_rate INTEGER NOT NULL CHECK (delegations_rate BETWEEN 0 AND 1000000),
    self_amount      NUMERIC(36,18) NOT NULL CHECK (self_amount BETWEEN 0 AND 999999999999999999.999999999999999999),
    delegated_amount NUMERIC(36,18) NOT NULL CHECK (delegated_amount BETWEEN 0 AND 999999999999999999.999999999999999999),
    at               TIMESTAMPTZ NOT NULL
);
CREATE INDEX slashes_agent ON slashes (agent, id);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reward_cycles FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON reward_cycles FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON slashes FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON slashes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
