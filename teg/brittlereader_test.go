package teg_test

import (
	"context"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

// brittleReader fails where verbs read.
type brittleReader struct {
	store.Reader
	faults *faults
}

func (r *brittleReader) AccountsOf(ctx context.Context, owners ...did.DID) ([]ledger.Account, error) {
	if err := r.faults.hit(atRead); err != nil {
		return nil, err
	}
	return r.Reader.AccountsOf(ctx, owners...)
}

func (r *brittleReader) Agents(ctx context.Context, ids ...did.DID) ([]ledger.Agent, error) {
	if err := r.faults.hit(atRead); err != nil {
		return nil, err
	}
	return r.Reader.Agents(ctx, ids...)
}

func (r *brittleReader) Transactions(ctx context.Context, ids ...ledger.TransactionID) ([]ledger.Recorded, error) {
	if err := r.faults.hit(atRead); err != nil {
		return nil, err
	}
	return r.Reader.Transactions(ctx, ids...)
}

func (r *brittleReader) Referring(ctx context.Context, ids ...string) ([]ledger.Recorded, error) {
	if err := r.faults.hit(atRead); err != nil {
		return nil, err
	}
	return r.Reader.Referring(ctx, ids...)
}

func (r *brittleReader) Holds(ctx context.Context, q ledger.HoldQuery) ([]ledger.RecordedHold, error) {
	if err := r.faults.hit(atRead); err != nil {
		return nil, err
	}
	return r.Reader.Holds(ctx, q)
}

func (r *brittleReader) Records(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
	if err := r.faults.hit(atRead); err != nil {
		return nil, err
	}
	return r.Reader.Records(ctx, keys...)
}
