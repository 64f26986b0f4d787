package teg

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// tickInterval is how often Run looks for what is due.
const tickInterval = time.Second

// Run does what is due, as it falls due, until the context ends: it gives
// expired holds back and forgets old keys. Several engines on one database may
// run at once. It returns nil when the context ends; faults are logged and
// tried again.
func (e *Engine) Run(ctx context.Context) error {
	ticker := time.NewTicker(tickInterval)
	defer ticker.Stop()
	for {
		if err := e.Tick(ctx); err != nil && ctx.Err() == nil {
			e.config.Logger.Warn("what is due could not be done; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// tickHolds is how many payers' holds one tick gives back at most.
const tickHolds = 500

// tickPatience is how long a payer whose row somebody holds is waited for; its
// holds are then left for the next tick.
const tickPatience = 5 * time.Second

// Tick does what is due by now, in bounded steps. It does so in transactions of
// its own, also on an engine of [Engine.Using].
func (e *Engine) Tick(ctx context.Context) error {
	now := e.clock.now()
	due := e.store.Maintain(ctx, store.Maintenance{Now: now, JournalTTL: e.config.IdempotencyTTL})
	own := &Engine{core: e.core}
	return errors.Join(outward(due), own.expireHolds(ctx, now))
}

// expireHolds gives back holds that expired and whose payers did nothing since:
// all payers' at once, so that they are committed together and one that has to
// wait keeps nobody waiting.
func (e *Engine) expireHolds(ctx context.Context, now time.Time) error {
	holds, err := e.reader().Holds(ctx, ledger.HoldQuery{
		States: []HoldState{HoldActive}, DueBy: now, Limit: tickHolds, OldFirst: true,
	})
	if err != nil {
		return outward(err)
	}
	ctx, cancel := context.WithTimeout(ctx, tickPatience)
	defer cancel()
	seen := map[ledger.AccountID]bool{}
	faults := make([]error, len(holds))
	var payers sync.WaitGroup
	for i := range holds {
		if payer := holds[i].Payer; !seen[payer] {
			seen[payer] = true
			payers.Go(func() { faults[i] = e.expireHoldsOf(ctx, party{available: payer, locked: holds[i].Locked}) })
		}
	}
	payers.Wait()
	return errors.Join(faults...)
}

// expireHoldsOf is an act of the system: nobody asked for it.
func (e *Engine) expireHoldsOf(ctx context.Context, payer party) error {
	op := &operation{
		ctx: ctx, verb: store.VerbExpireHolds, request: requestID(ctx), parties: []party{payer},
		need: needs{accounts: []ledger.AccountID{payer.locked}, activeHolds: []ledger.AccountID{payer.available}},
	}
	_, err := perform(e, op, func(d *decision) (struct{}, []ledger.ID, error) {
		return struct{}{}, nil, d.releaseDue(payer.available)
	}, func(store.Record) (struct{}, error) { return struct{}{}, nil })
	return err
}
