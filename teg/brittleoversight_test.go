package teg_test

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/store"
)

func (r *brittleReader) AccountsByID(ctx context.Context, ids ...ledger.AccountID) ([]ledger.Account, error) {
	return read(r, "AccountsByID", func() ([]ledger.Account, error) { return r.sound.AccountsByID(ctx, ids...) })
}

func (r *brittleReader) ListAgents(ctx context.Context, q ledger.AgentQuery) (page []ledger.ListedAgent, total int64, err error) {
	page, err = read(r, "ListAgents", func() (page []ledger.ListedAgent, err error) {
		page, total, err = r.sound.ListAgents(ctx, q)
		return page, err
	})
	return page, total, err
}

func (r *brittleReader) Posted(ctx context.Context, q ledger.PostedQuery) (page []ledger.Recorded, total int64, err error) {
	page, err = read(r, "Posted", func() (page []ledger.Recorded, err error) {
		page, total, err = r.sound.Posted(ctx, q)
		return page, err
	})
	return page, total, err
}

func (r *brittleReader) Activity(ctx context.Context, q ledger.ActivityQuery) ([]ledger.Activity, error) {
	return read(r, "Activity", func() ([]ledger.Activity, error) { return r.sound.Activity(ctx, q) })
}

func (r *brittleReader) ActivitySince(ctx context.Context, from time.Time, width time.Duration) (store.ActivityView, error) {
	return read(r, "ActivitySince", func() (store.ActivityView, error) { return r.sound.ActivitySince(ctx, from, width) })
}

func (r *brittleReader) Moves(ctx context.Context, ids ...ledger.TransactionID) ([]store.Move, error) {
	return read(r, "Moves", func() ([]store.Move, error) { return r.sound.Moves(ctx, ids...) })
}

func (r *brittleReader) StakedPools(ctx context.Context, visit func(ledger.AccountID, amount.Amount) error) error {
	_, err := read(r, "StakedPools", func() (struct{}, error) { return struct{}{}, r.sound.StakedPools(ctx, visit) })
	return err
}

func (r *brittleReader) Histogram(ctx context.Context) (reputation.Histogram, error) {
	return read(r, "Histogram", func() (reputation.Histogram, error) { return r.sound.Histogram(ctx) })
}
