package teg_test

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

// brittleReader answers, or fails as planned. It embeds nothing, so that no
// method can be left out.
type brittleReader struct {
	sound  store.Reader
	faults *faults
}

// read fails or asks.
func read[T any](r *brittleReader, method string, ask func() (T, error)) (answer T, err error) {
	if err = r.faults.hitRead(method); err != nil {
		return answer, err
	}
	return ask()
}

func (r *brittleReader) AccountsOf(ctx context.Context, owners ...did.DID) ([]ledger.Account, error) {
	return read(r, "AccountsOf", func() ([]ledger.Account, error) { return r.sound.AccountsOf(ctx, owners...) })
}

func (r *brittleReader) SystemAccounts(ctx context.Context) ([]ledger.Account, error) {
	return read(r, "SystemAccounts", func() ([]ledger.Account, error) { return r.sound.SystemAccounts(ctx) })
}

func (r *brittleReader) Agents(ctx context.Context, ids ...did.DID) ([]ledger.Agent, error) {
	return read(r, "Agents", func() ([]ledger.Agent, error) { return r.sound.Agents(ctx, ids...) })
}

func (r *brittleReader) BalancesAt(ctx context.Context, at time.Time, accounts ...ledger.AccountID) ([]amount.Signed, error) {
	return read(r, "BalancesAt", func() ([]amount.Signed, error) { return r.sound.BalancesAt(ctx, at, accounts...) })
}

func (r *brittleReader) Totals(ctx context.Context, now time.Time) (ledger.Totals, error) {
	return read(r, "Totals", func() (ledger.Totals, error) { return r.sound.Totals(ctx, now) })
}

func (r *brittleReader) Transactions(ctx context.Context, ids ...ledger.TransactionID) ([]ledger.Recorded, error) {
	return read(r, "Transactions", func() ([]ledger.Recorded, error) { return r.sound.Transactions(ctx, ids...) })
}

func (r *brittleReader) Referring(ctx context.Context, ids ...string) ([]ledger.Recorded, error) {
	return read(r, "Referring", func() ([]ledger.Recorded, error) { return r.sound.Referring(ctx, ids...) })
}

func (r *brittleReader) History(ctx context.Context, q ledger.HistoryQuery) (ledger.HistoryPage, error) {
	return read(r, "History", func() (ledger.HistoryPage, error) { return r.sound.History(ctx, q) })
}

func (r *brittleReader) Holds(ctx context.Context, q ledger.HoldQuery) ([]ledger.RecordedHold, error) {
	return read(r, "Holds", func() ([]ledger.RecordedHold, error) { return r.sound.Holds(ctx, q) })
}

func (r *brittleReader) CountHolds(ctx context.Context, q ledger.HoldQuery) (int64, error) {
	return read(r, "CountHolds", func() (int64, error) { return r.sound.CountHolds(ctx, q) })
}

func (r *brittleReader) Records(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
	return read(r, "Records", func() ([]store.Record, error) { return r.sound.Records(ctx, keys...) })
}

func (r *brittleReader) Events(ctx context.Context, q store.EventQuery) (page []store.Event, total int64, err error) {
	page, err = read(r, "Events", func() (page []store.Event, err error) {
		page, total, err = r.sound.Events(ctx, q)
		return page, err
	})
	return page, total, err
}

func (r *brittleReader) AuditAccounts(ctx context.Context, visit func(ledger.Account) error) error {
	_, err := read(r, "AuditAccounts", func() (struct{}, error) { return struct{}{}, r.sound.AuditAccounts(ctx, visit) })
	return err
}

func (r *brittleReader) AuditEntries(ctx context.Context, account ledger.AccountID, seq int64, limit int) ([]ledger.Entry, error) {
	return read(r, "AuditEntries", func() ([]ledger.Entry, error) { return r.sound.AuditEntries(ctx, account, seq, limit) })
}

func (r *brittleReader) AuditTransactions(ctx context.Context, after ledger.TransactionID, limit int) ([]ledger.Transaction, error) {
	return read(r, "AuditTransactions", func() ([]ledger.Transaction, error) { return r.sound.AuditTransactions(ctx, after, limit) })
}

func (r *brittleReader) AuditHolds(ctx context.Context, after ledger.HoldID, limit int) ([]store.AuditedHold, error) {
	return read(r, "AuditHolds", func() ([]store.AuditedHold, error) { return r.sound.AuditHolds(ctx, after, limit) })
}

func (r *brittleReader) AuditEvents(ctx context.Context, from int64, limit int) ([]store.Event, error) {
	return read(r, "AuditEvents", func() ([]store.Event, error) { return r.sound.AuditEvents(ctx, from, limit) })
}

func (r *brittleReader) AuditRecords(ctx context.Context, after store.Key, limit int) ([]store.Record, error) {
	return read(r, "AuditRecords", func() ([]store.Record, error) { return r.sound.AuditRecords(ctx, after, limit) })
}

func (r *brittleReader) LogSize(ctx context.Context) (numbered, waiting int64, err error) {
	numbered, err = read(r, "LogSize", func() (numbered int64, err error) {
		numbered, waiting, err = r.sound.LogSize(ctx)
		return numbered, err
	})
	return numbered, waiting, err
}
