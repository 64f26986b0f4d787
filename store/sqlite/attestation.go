package sqlite

import (
	"context"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

var (
	attestations     = keep(&bunstore.Attestations)
	attestationSteps = keep(&bunstore.AttestationSteps)
	budgets          = keep(&bunstore.AttestationBudgets)
	circuits         = keep(&bunstore.Circuits)

	findTurn = one("SELECT (" + bunstore.AttestationLast + "s.agent = ? AND s.policy = ?), (" +
		bunstore.AttestationHanded + "s.agent = ? AND s.submitted_at > ?)")
)

func loadAttestations(ctx context.Context, e executor, need *store.Need, rows *store.Rows) (err error) {
	n := &need.Attestation
	if n.Empty() {
		return nil
	}
	if rows.Attestation, err = bunstore.LoadAttestations(ctx, source{e}, *n); err != nil {
		return err
	}
	for _, pair := range n.Turns {
		args := &e.buffers().args
		args.reset()
		args.text(pair.Agent.String())
		args.bytes(pair.Policy[:])
		args.text(pair.Agent.String())
		args.time(n.Since)
		err := e.query(ctx, findTurn, args.values, func(r *row) {
			rows.Attestation.Turns = append(rows.Attestation.Turns, attestation.Turn{Pair: pair, Last: r.time(), Handed: int(r.int())})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// writeAttestations writes what was attested, and what became of it.
func writeAttestations(ctx context.Context, e executor, c *store.Changes) error {
	a := &c.Attestation
	for _, step := range []func() error{
		func() error { return attestations.changeAll(ctx, e, a.Changed) }, // one that failed makes room for another
		func() error { return attestations.insertAll(ctx, e, a.Made) },
		func() error { return attestationSteps.insertAll(ctx, e, a.Steps) },
		func() error { return budgets.insertAll(ctx, e, a.NewBudgets) },
		func() error { return budgets.changeAll(ctx, e, a.Budgets) },
		func() error { return circuits.insertAll(ctx, e, a.Circuits) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
