package sqlite

import (
	"context"
	"fmt"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// The journal has two generations, each a table; journal_state says which one
// takes new records.
var (
	recordsByKey  = perGeneration(lookupBy, "SELECT key, fingerprint, caller, verb, items, subjects, refusal, at FROM journal_%d WHERE key IN (%%s)")
	refusalCounts = perGeneration(lookupBy, "SELECT caller, count(*) FROM journal_%d WHERE refusal IS NOT NULL AND caller IN (%%s) GROUP BY caller")
	insertRecords = perGeneration(func(table string) *batch {
		return insertInto(table, "key", "fingerprint", "caller", "verb", "items", "subjects", "refusal", "at")
	}, "journal_%d")
	generation = one("SELECT generation FROM journal_state")

	insertReferences = insertInto("act_references", "key", "subject")
	referencesByKey  = lookupBy("SELECT key FROM act_references WHERE key IN (%s)")
)

func perGeneration[T any](make func(string) *T, text string) (both [2]*T) {
	for g := range both {
		both[g] = make(fmt.Sprintf(text, g))
	}
	return both
}

// loadRecords looks the keys up in both generations.
func loadRecords(ctx context.Context, e executor, need *store.Need, rows *store.Rows) error {
	byKey := func(a *arguments, i int) { a.bytes(need.Keys[i][:]) }
	visit := func(r *row) { rows.Records = append(rows.Records, readRecord(r)) }
	for _, records := range recordsByKey {
		if err := find(ctx, e, records, len(need.Keys), byKey, visit); err != nil {
			return err
		}
	}
	return nil
}

func readRecord(r *row) store.Record {
	record := store.Record{
		Key: store.Key(r.id()), Fingerprint: store.Fingerprint(r.id()), Caller: r.account(),
		Verb: store.Verb(r.int()), Items: int(r.int()),
	}
	record.ReadSubjects(r.bytes())
	record.Refusal, record.At = r.bytes(), r.time()
	return record
}

// liveRefusals counts the refused records of each caller.
func liveRefusals(ctx context.Context, e executor, callers []ledger.AccountID) (map[ledger.AccountID]int, error) {
	counts := make(map[ledger.AccountID]int, len(callers))
	byCaller := func(a *arguments, i int) { a.int(int64(callers[i])) }
	visit := func(r *row) { counts[r.account()] += int(r.int()) }
	for _, refusals := range refusalCounts {
		if err := find(ctx, e, refusals, len(callers), byCaller, visit); err != nil {
			return nil, err
		}
	}
	return counts, nil
}

// writeRecords writes records into the present generation, and references.
func writeRecords(ctx context.Context, e executor, c *store.Changes) error {
	if len(c.Records) > 0 {
		var present int64
		if err := e.query(ctx, generation, nil, func(r *row) { present = r.int() }); err != nil {
			return err
		}
		var subjects []byte
		err := insert(ctx, e, insertRecords[present&1], len(c.Records), func(a *arguments, i int) {
			subjects = bindRecord(a, &c.Records[i], subjects)
		})
		if err != nil {
			return err
		}
	}
	return insert(ctx, e, insertReferences, len(c.References), func(a *arguments, i int) {
		a.bytes(c.References[i].Key[:])
		a.bytes(c.References[i].Subject[:])
	})
}

// bindRecord adds the columns of a record. Its subjects are laid out behind
// those of the records before it, in memory that is returned for the next.
func bindRecord(a *arguments, r *store.Record, subjects []byte) []byte {
	start := len(subjects)
	subjects = r.AppendSubjects(subjects)
	a.bytes(r.Key[:])
	a.bytes(r.Fingerprint[:])
	a.int(int64(r.Caller))
	a.int(int64(r.Verb))
	a.int(int64(r.Items))
	a.bytes(subjects[start:])
	a.optionalBytes(r.Refusal)
	a.time(r.At)
	return subjects
}

// loadReferences tells which references are taken.
func loadReferences(ctx context.Context, e executor, need *store.Need, rows *store.Rows) error {
	byKey := func(a *arguments, i int) { a.bytes(need.References[i][:]) }
	return find(ctx, e, referencesByKey, len(need.References), byKey, func(r *row) {
		rows.References = append(rows.References, store.Key(r.id()))
	})
}
