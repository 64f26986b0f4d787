package sqlite

import (
	"context"

	"github.com/agentvault/teg-layer/store"
)

var (
	insertEvents  = insertInto("events", "position", "id", "action", "actor", "at", "body")
	insertPrivate = insertInto("private_parts", "id", "salt", "body")
	logHead       = one("SELECT size, terms_version FROM log_head")
	growLog       = one("UPDATE log_head SET size = ?, terms_version = terms_version + ?")
)

// writeEvents numbers the events from the head of the log, and moves the head.
func writeEvents(ctx context.Context, e executor, c *store.Changes) error {
	if len(c.Events) == 0 {
		return nil
	}
	var size, terms int64
	if err := e.query(ctx, logHead, nil, func(r *row) { size, terms = r.int(), r.int() }); err != nil {
		return err
	}
	if terms != c.TermsVersion {
		return store.ErrTermsChanged
	}
	err := insert(ctx, e, insertEvents, len(c.Events), func(a *arguments, i int) {
		event := &c.Events[i]
		a.int(size + int64(i))
		a.bytes(event.ID[:])
		a.text(event.Action)
		a.text(event.Actor.String())
		a.time(event.At)
		a.bytes(event.Body)
	})
	if err != nil {
		return err
	}
	_, err = run(ctx, e, growLog, func(a *arguments) {
		a.int(size + int64(len(c.Events)))
		a.int(int64(len(c.Policies.Versions)))
	})
	return err
}

// writePrivate writes what may have to be erased one day.
func writePrivate(ctx context.Context, e executor, c *store.Changes) error {
	return insert(ctx, e, insertPrivate, len(c.Private), func(a *arguments, i int) {
		part := &c.Private[i]
		a.bytes(part.ID[:])
		a.bytes(part.Salt[:])
		a.bytes(part.Body)
	})
}
