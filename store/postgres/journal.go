package postgres

import (
	"bytes"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

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
	// insertEvents takes the head of the log, as the last lock of a group. Without
	// a head there is no position, and nothing is written.
	insertEvents = statement{"insert_events", `WITH head AS (UPDATE log_head SET size = size + cardinality($1::uuid[])
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
	if n := len(c.References); n > 0 {
		references := slices.Clone(c.References)
		slices.SortFunc(references, func(a, b store.Reference) int { return bytes.Compare(a.Key[:], b.Key[:]) })
		keys, subjects := make(pgtype.FlatArray[pgtype.UUID], n), make(pgtype.FlatArray[pgtype.UUID], n)
		for i, r := range references {
			keys[i], subjects[i] = pgtype.UUID{Bytes: r.Key, Valid: true}, pgtype.UUID{Bytes: r.Subject, Valid: true}
		}
		calls = append(calls, do(insertReferences, keys, subjects))
	}
	if n := len(c.Private); n > 0 {
		ids, salts, bodies := make(pgtype.FlatArray[pgtype.UUID], n), make([][]byte, n), make([][]byte, n)
		for i := range c.Private {
			p := &c.Private[i]
			ids[i], salts[i], bodies[i] = pgtype.UUID{Bytes: p.ID, Valid: true}, p.Salt[:], p.Body
		}
		calls = append(calls, do(insertPrivate, ids, salts, bodies))
	}
	return calls
}

func insertRecordsCall(s statement, records []store.Record) call {
	records = slices.Clone(records)
	slices.SortFunc(records, func(a, b store.Record) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	n := len(records)
	keys, prints := make(pgtype.FlatArray[pgtype.UUID], n), make(pgtype.FlatArray[pgtype.UUID], n)
	callers, verbs, items, at := make([]int64, n), make([]int16, n), make([]int32, n), make([]time.Time, n)
	subjects, refusals := make([][]byte, n), make([][]byte, n)
	for i := range records {
		r := &records[i]
		keys[i], prints[i] = pgtype.UUID{Bytes: r.Key, Valid: true}, pgtype.UUID{Bytes: r.Fingerprint, Valid: true}
		callers[i], verbs[i], items[i], at[i] = int64(r.Caller), int16(r.Verb), int32(r.Items), r.At
		subjects[i], refusals[i] = make([]byte, 0, 16*len(r.Subjects)), r.Refusal
		for _, id := range r.Subjects {
			subjects[i] = append(subjects[i], id[:]...)
		}
	}
	return do(s, keys, prints, callers, verbs, items, subjects, refusals, at)
}

// eventArgs are the columns of events, in order.
func eventArgs(events []store.Event) []any {
	n := len(events)
	ids, actions, actors := make(pgtype.FlatArray[pgtype.UUID], n), make([]string, n), make([]string, n)
	at, bodies := make([]time.Time, n), make([][]byte, n)
	for i := range events {
		e := &events[i]
		ids[i], actions[i], actors[i] = pgtype.UUID{Bytes: e.ID, Valid: true}, e.Action, e.Actor.String()
		at[i], bodies[i] = e.At, e.Body
	}
	return []any{ids, actions, actors, at, bodies}
}
