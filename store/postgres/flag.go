package postgres

import (
	"context"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

var (
	flags     = keep(&bunstore.Flags)
	flagSteps = keep(&bunstore.FlagSteps)

	findFlags = statement{"find_flags", selectFrom(&bunstore.Flags) + `id = ANY($1::uuid[])`}
)

// flagCalls write what was flagged, and what was done about it.
func flagCalls(c *store.Changes) (calls []call) {
	calls = flags.insertCall(calls, c.Flags.Raised)
	calls = flags.changeCall(calls, c.Flags.Changed)
	return flagSteps.insertCall(calls, c.Flags.Steps)
}

// Claim implements [store.Store].
func (s *Store) Claim(ctx context.Context, c store.Claim) (position int64, mine bool, err error) {
	position, mine, err = bunstore.Postgres.Claim(ctx, s.db, c)
	return position, mine, translate(err)
}
