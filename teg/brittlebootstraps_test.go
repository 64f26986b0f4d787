package teg_test

import (
	"context"

	"github.com/agentvault/teg-layer/ledger"
)

func (r *brittleReader) BootstrapTokens(ctx context.Context, hashes ...string) ([]ledger.BootstrapToken, error) {
	return read(r, "BootstrapTokens", func() ([]ledger.BootstrapToken, error) { return r.sound.BootstrapTokens(ctx, hashes...) })
}

func (r *brittleReader) AuditBootstrapTokens(ctx context.Context, after ledger.BootstrapID, limit int) ([]ledger.BootstrapToken, error) {
	return read(r, "AuditBootstrapTokens", func() ([]ledger.BootstrapToken, error) { return r.sound.AuditBootstrapTokens(ctx, after, limit) })
}

func (r *brittleReader) Stripped(ctx context.Context) ([]ledger.Agent, error) {
	return read(r, "Stripped", func() ([]ledger.Agent, error) { return r.sound.Stripped(ctx) })
}
