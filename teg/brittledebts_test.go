package teg_test

import (
	"context"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

func (r *brittleReader) Debts(ctx context.Context, q ledger.DebtQuery) (ledger.DebtPage, error) {
	return read(r, "Debts", func() (ledger.DebtPage, error) { return r.sound.Debts(ctx, q) })
}

func (r *brittleReader) Garnished(ctx context.Context, limit int) ([]ledger.GarnishedRow, error) {
	return read(r, "Garnished", func() ([]ledger.GarnishedRow, error) { return r.sound.Garnished(ctx, limit) })
}

func (r *brittleReader) OldestDebts(ctx context.Context, debtors ...ledger.AccountID) ([]ledger.Debt, error) {
	return read(r, "OldestDebts", func() ([]ledger.Debt, error) { return r.sound.OldestDebts(ctx, debtors...) })
}

func (r *brittleReader) AuditDebts(ctx context.Context, visit func(store.AuditedDebt) error) ([]ledger.Account, error) {
	return read(r, "AuditDebts", func() ([]ledger.Account, error) { return r.sound.AuditDebts(ctx, visit) })
}
