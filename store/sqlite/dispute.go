package sqlite

import (
	"context"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

var (
	disputes       = keep(&bunstore.Disputes)
	disputeSteps   = keep(&bunstore.DisputeSteps)
	evidence       = keep(&bunstore.Evidence)
	storedEvidence = keep(&bunstore.StoredEvidence)
)

func loadDisputes(ctx context.Context, e executor, need *store.Need, rows *store.Rows) (err error) {
	if !need.Disputes.Empty() {
		rows.Disputes, err = bunstore.LoadDisputes(ctx, source{e}, need.Disputes)
	}
	return err
}

// writeDisputes changes what was loaded before it makes what is new: a dispute that
// has ended makes room for another about the same.
func writeDisputes(ctx context.Context, e executor, c *store.Changes) error {
	d := &c.Disputes
	for _, step := range []func() error{
		func() error { return disputes.changeAll(ctx, e, d.Changed) },
		func() error { return disputes.insertAll(ctx, e, d.Filed) },
		func() error { return disputeSteps.insertAll(ctx, e, d.Steps) },
		func() error { return evidence.insertAll(ctx, e, d.Evidence) },
		func() error { return storedEvidence.insertAll(ctx, e, d.Storage) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
