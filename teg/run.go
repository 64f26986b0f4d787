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
// expired holds back, pays rewards that are owed, pays creditors from what is set aside
// for them, looks for evidence, tells webhooks what happened, brings the log's tree up to date and what [Engine.Activity] tells, forgets old keys,
// bootstrap tokens that nobody used and events that were archived, and takes notice of terms that other processes have
// changed. Several engines on one database may
// run at once. It returns nil when the context ends; faults are logged and
// tried again.
func (e *Engine) Run(ctx context.Context) error {
	if err := e.ownTransactions(); err != nil {
		return err
	}
	var looking sync.WaitGroup
	defer looking.Wait()
	looking.Go(func() { e.runEvidence(ctx, e.seeEvidence) })
	looking.Go(func() { e.runEvidence(ctx, e.storeEvidence) })
	looking.Go(func() {
		defer e.restArbitrator(ctx)
		e.repeat(ctx, "what is to be arbitrated could not be; it is tried again", e.Arbitrate)
	})
	looking.Go(func() { e.runWebhooks(ctx) })
	looking.Go(func() { e.repeat(ctx, "what happens could not be added up; it is tried again", e.keepActivity) })
	looking.Go(func() {
		defer e.restTree(ctx)
		e.repeat(ctx, "the log's tree could not be brought up to date; it is tried again", e.growTree)
	})
	e.repeat(ctx, "what is due could not be done; it is tried again", e.tick)
	return nil
}

// repeat does something at each tick until the context ends.
func (e *Engine) repeat(ctx context.Context, failed string, do func(context.Context) error) {
	ticker := time.NewTicker(tickInterval)
	defer ticker.Stop()
	for {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			e.config.Logger.WarnContext(ctx, failed, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Bounds of what one tick does: payers whose holds it gives back, and pages of
// holds that it looks through for them.
const (
	tickPayers = 500
	tickPages  = 10
)

// tickPatience is how long a payer whose row somebody holds is waited for; its
// holds are then left for the next tick.
var tickPatience = 5 * time.Second // tests have more: their disk may be busy for as long

// Tick does what is due by now, in bounded steps and in transactions of its own:
// on an engine of [Engine.Using] it is refused with [ErrInvalidState].
func (e *Engine) Tick(ctx context.Context) error {
	if err := e.ownTransactions(); err != nil {
		return err
	}
	return errors.Join(e.tick(ctx), e.seeEvidence(ctx), e.storeEvidence(ctx), e.Arbitrate(ctx), e.growTree(ctx), e.DeliverWebhooks(ctx))
}

// tick does what is due, but for what waits for storage, or for an arbitrator.
func (e *Engine) tick(ctx context.Context) error {
	now := e.clock.now()
	below, fault := e.forgettable(ctx, now)
	due := e.store.Maintain(ctx, store.Maintenance{Now: now, JournalTTL: e.config.IdempotencyTTL, BootstrapTTL: BootstrapRetention, ForgetEvents: below})
	return errors.Join(fault, outward(due), e.refreshTerms(ctx), e.expireHolds(ctx, now), e.tickStakes(ctx, now), e.lapseDisputes(ctx, now),
		e.tickPanels(ctx, now), e.payAttestations(ctx), e.payDebts(ctx))
}

// expireHolds gives back holds that expired and whose payers did nothing since:
// all payers' at once, so that they are committed together and one that has to
// wait keeps nobody waiting.
func (e *Engine) expireHolds(ctx context.Context, now time.Time) error {
	due, err := e.duePayers(ctx, now)
	if err != nil {
		return outward(err)
	}
	ctx, cancel := context.WithTimeout(ctx, tickPatience)
	defer cancel()
	return e.together(len(due), func(i int) error { return e.expireHoldsOf(ctx, due[i]) })
}

// together runs n acts at once, so that they are committed together; in a host's
// transaction one after the other.
func (e *Engine) together(n int, act func(i int) error) error {
	faults := make([]error, n)
	if e.host != nil {
		for i := range n {
			faults[i] = act(i)
		}
		return joinDistinct(faults)
	}
	var acts sync.WaitGroup
	for i := range n {
		acts.Go(func() { faults[i] = act(i) })
	}
	acts.Wait()
	return joinDistinct(faults)
}

// duePayers are those with holds that expired, the soonest first.
func (e *Engine) duePayers(ctx context.Context, now time.Time) (payers []party, err error) {
	seen := map[ledger.AccountID]bool{}
	query := ledger.HoldQuery{States: []HoldState{HoldActive}, DueBy: now, Limit: MaxLimit, OldFirst: true}
	for range tickPages {
		holds, err := e.reader().Holds(ctx, query)
		if err != nil {
			return nil, err
		}
		for i := range holds {
			if h := &holds[i]; !seen[h.Payer] && len(payers) < tickPayers {
				seen[h.Payer] = true
				payers = append(payers, party{available: h.Payer, locked: h.Locked})
			}
		}
		if len(holds) < query.Limit || len(payers) == tickPayers {
			break
		}
		query.Offset += int64(len(holds))
	}
	return payers, nil
}

// joinDistinct joins errors that say different things.
func joinDistinct(faults []error) error {
	var distinct []error
	said := map[string]bool{}
	for _, err := range faults {
		if err != nil && !said[err.Error()] {
			said[err.Error()] = true
			distinct = append(distinct, err)
		}
	}
	return errors.Join(distinct...)
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
