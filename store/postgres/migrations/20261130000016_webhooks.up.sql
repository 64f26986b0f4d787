-- Webhooks: who is told of events, how far each was, and what became of its messages.
CREATE TABLE webhooks (
    id          UUID PRIMARY KEY,
    owner       TEXT COLLATE "C" NOT NULL CHECK (length(owner) BETWEEN 7 AND 255),
    all_events  BOOLEAN NOT NULL, -- else those that concern the owner
    created_at  TIMESTAMPTZ NOT NULL,
    url         TEXT NOT NULL CHECK (length(url) BETWEEN 1 AND 2048),
    actions     TEXT NOT NULL, -- with a space between; '' is all
    about       TEXT COLLATE "C" NOT NULL CHECK (about = '' OR all_events), -- '' is of all agents
    description TEXT NOT NULL,
    status      SMALLINT NOT NULL CHECK (status BETWEEN 1 AND 3), -- see webhook.Status
    reason      TEXT NOT NULL,
    generation  BIGINT NOT NULL CHECK (generation >= 1), -- of the secret, which is kept nowhere
    old_until   TIMESTAMPTZ,
    steps       BIGINT NOT NULL CHECK (steps >= 1),
    updated_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX webhooks_owner ON webhooks (owner, id);
CREATE INDEX webhooks_status ON webhooks (status, id);
CREATE INDEX webhooks_live ON webhooks (id) WHERE status <> 3;
CREATE TRIGGER append_only BEFORE UPDATE ON webhooks FOR EACH ROW WHEN (OLD.status = 3) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_row BEFORE DELETE ON webhooks FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON webhooks FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE webhook_places (
    webhook  UUID PRIMARY KEY,
    position BIGINT NOT NULL CHECK (position >= 0),
    pending  BOOLEAN NOT NULL,
    failures BIGINT NOT NULL CHECK (failures >= 0),
    since    TIMESTAMPTZ,
    next_at  TIMESTAMPTZ
);
CREATE INDEX webhook_places_pending ON webhook_places (position) WHERE pending;

CREATE TABLE webhook_deliveries (
    id         UUID PRIMARY KEY,
    webhook    UUID NOT NULL,
    event      UUID NOT NULL,
    position   BIGINT NOT NULL CHECK (position >= -1), -- -1: a test
    action     TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    state      SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 3), -- see webhook.DeliveryState
    attempts   TEXT NOT NULL, -- JSON
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX webhook_deliveries_newest ON webhook_deliveries (webhook, created_at, id);
