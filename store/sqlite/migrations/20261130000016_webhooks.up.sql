-- Webhooks: who is told of events, how far each was, and what became of its messages.
CREATE TABLE webhooks (
    id          BLOB PRIMARY KEY CHECK (length(id) = 16),
    owner       TEXT NOT NULL CHECK (length(owner) BETWEEN 7 AND 255),
    all_events  INTEGER NOT NULL CHECK (all_events IN (0, 1)), -- else those that concern the owner
    created_at  INTEGER NOT NULL,
    url         TEXT NOT NULL CHECK (length(url) BETWEEN 1 AND 2048),
    actions     TEXT NOT NULL, -- with a space between; '' is all
    about       TEXT NOT NULL CHECK (about = '' OR all_events), -- '' is of all agents
    description TEXT NOT NULL,
    status      INTEGER NOT NULL CHECK (status BETWEEN 1 AND 3), -- see webhook.Status
    reason      TEXT NOT NULL,
    generation  INTEGER NOT NULL CHECK (generation >= 1), -- of the secret, which is kept nowhere
    old_until   INTEGER,
    steps       INTEGER NOT NULL CHECK (steps >= 1),
    updated_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX webhooks_owner ON webhooks (owner, id);
CREATE INDEX webhooks_status ON webhooks (status, id);
CREATE INDEX webhooks_live ON webhooks (id) WHERE status <> 3;
CREATE TRIGGER webhooks_no_update BEFORE UPDATE ON webhooks WHEN OLD.status = 3 BEGIN SELECT RAISE(ABORT, 'webhooks is append-only where one has ended'); END;
CREATE TRIGGER webhooks_no_delete BEFORE DELETE ON webhooks BEGIN SELECT RAISE(ABORT, 'webhooks is append-only: end it instead'); END;

CREATE TABLE webhook_places (
    webhook  BLOB PRIMARY KEY CHECK (length(webhook) = 16),
    position INTEGER NOT NULL CHECK (position >= 0),
    pending  INTEGER NOT NULL CHECK (pending IN (0, 1)),
    failures INTEGER NOT NULL CHECK (failures >= 0),
    since    INTEGER,
    next_at  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_places_pending ON webhook_places (position) WHERE pending;

CREATE TABLE webhook_deliveries (
    id         BLOB PRIMARY KEY CHECK (length(id) = 16),
    webhook    BLOB NOT NULL CHECK (length(webhook) = 16),
    event      BLOB NOT NULL CHECK (length(event) = 16),
    position   INTEGER NOT NULL CHECK (position >= -1), -- -1: a test
    action     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    state      INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3), -- see webhook.DeliveryState
    attempts   TEXT NOT NULL, -- JSON
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_deliveries_newest ON webhook_deliveries (webhook, created_at, id);
