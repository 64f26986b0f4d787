package postgres

import (
	"bytes"
	"slices"

	"github.com/agentvault/teg-layer/store"
)

const recordRows = ` (key, fingerprint, caller, verb, items, subjects, refusal, at)
	SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::smallint[], $5::int[], $6::bytea[], $7::bytea[], $8::timestamptz[])`

// The journal has two generations, each a table; journal_state says which one
// takes new records.
var (
	insertRecords = [2]statement{
		{"insert_records_0", `INSERT INTO journal_0` + recordRows},
		{"insert_records_1", `INSERT INTO journal_1` + recordRows},
	}
	insertReferences = statement{"insert_references", `INSERT INTO act_references (key, subject) SELECT * FROM unnest($1::uuid[], $2::uuid[])`}
	insertPrivate    = statement{"insert_private", `INSERT INTO private_parts (id, salt, body) SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::bytea[])`}
	insertInbox      = statement{"insert_inbox", `INSERT INTO event_inbox (id, action, actor, at, body)
		SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::bytea[])`}
	// insertEvents takes the head of the log, as the last lock of a group. Where the
	// head bears another version of the terms than the changes were decided by ($7),
	// none is taken: there is no position then, and nothing is written. Changes of the
	// terms ($6) raise it.
	insertEvents = statement{"insert_events", `WITH head AS (UPDATE log_head
			SET size = size + cardinality($1::uuid[]), terms_version = terms_version + $6::bigint WHERE terms_version = $7::bigint
			RETURNING size - cardinality($1::uuid[]) AS base)
		INSERT INTO events (position, id, action, actor, at, body)
		SELECT (SELECT base FROM head) + d.place - 1, d.id, d.action, d.actor, d.at, d.body FROM
		unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::bytea[]) WITH ORDINALITY AS d (id, action, actor, at, body, place)`}
	waitForHead = statement{"", `SET LOCAL lock_timeout = '5s'`}
)

// journalCalls write records, references and private parts. What may be waited
// for, since another may be writing the same, goes in the order of its key.
func (l *loaded) journalCalls(c *store.Changes) []call {
	var calls []call
	if len(c.Records) > 0 {
		calls = append(calls, insertRecordsCall(insertRecords[l.generation&1], c.Records))
	}
	if len(c.References) > 0 {
		calls = append(calls, insertReferencesCall(c.References))
	}
	if n := len(c.Private); n > 0 {
		names, salts, bodies := ids(n), blobs(n, 16), blobs(n, len(c.Private[0].Body))
		for i := range c.Private {
			p := &c.Private[i]
			names.id(p.ID)
			salts.blob(p.Salt[:])
			bodies.blob(p.Body)
		}
		calls = append(calls, do(insertPrivate, names, salts, bodies))
	}
	return calls
}

func insertReferencesCall(list []store.Reference) call {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b store.Reference) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	keys, subjects := ids(len(list)), ids(len(list))
	for _, r := range list {
		keys.id(r.Key)
		subjects.id(r.Subject)
	}
	return do(insertReferences, keys, subjects)
}

func insertRecordsCall(s statement, list []store.Record) call {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b store.Record) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	n := len(list)
	keys, prints, callers, verbs, items := ids(n), ids(n), bigints(n), smallints(n), integers(n)
	subjects, refusals, at := blobs(n, 16), blobs(n, 0), moments(n)
	var joined []byte
	for i := range list {
		r := &list[i]
		joined = r.AppendSubjects(joined[:0])
		keys.id(r.Key)
		prints.id(r.Fingerprint)
		callers.int64(int64(r.Caller))
		verbs.int16(int16(r.Verb))
		items.int32(int32(r.Items))
		subjects.blob(joined)
		refusals.optionalBlob(r.Refusal)
		at.moment(r.At)
	}
	return do(s, keys, prints, callers, verbs, items, subjects, refusals, at)
}

// eventArgs are the columns of events, in order.
func eventArgs(events []store.Event) []any {
	n := len(events)
	names, actions, actors, at, bodies := ids(n), texts(n, 16), texts(n, didSize), moments(n), blobs(n, len(events[0].Body)+16)
	for i := range events {
		e := &events[i]
		names.id(e.ID)
		actions.text(e.Action)
		actors.text(e.Actor.String())
		at.moment(e.At)
		bodies.blob(e.Body)
	}
	return []any{names, actions, actors, at, bodies}
}
