package ratings

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"sync"

	"github.com/agentvault/teg-layer/teg"
)

// register makes agents of all traders. They have nothing to do with each other
// and go side by side.
func (p *play) register(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	next := make(chan *trader)
	results := make(chan registered, p.Callers)
	var callers sync.WaitGroup
	for range min(p.Callers, len(p.traders)) {
		callers.Go(func() {
			for t := range next {
				fresh, err := p.registerOne(ctx, t)
				results <- registered{t, fresh, err}
			}
		})
	}
	go func() {
		defer close(results)
		defer callers.Wait()
		defer close(next)
		for i := range p.traders {
			select {
			case next <- &p.traders[i]:
			case <-ctx.Done():
				return
			}
		}
	}()
	return p.gatherAgents(ctx, cancel, results)
}

// registered is what became of a trader.
type registered struct {
	*trader
	fresh bool
	err   error
}

// gatherAgents counts the results and stops everything at the first fault.
func (p *play) gatherAgents(ctx context.Context, cancel context.CancelFunc, results <-chan registered) error {
	var failure error
	for r := range results {
		switch {
		case r.err != nil && failure == nil:
			failure = &LineError{r.line, r.err}
			cancel()
		case r.err != nil:
		case r.fresh:
			p.summary.Agents++
			p.count(&p.summary.Granted, p.Grant)
			p.tick()
		default:
			p.summary.AgentsThere++
			p.tick()
		}
	}
	if failure == nil {
		failure = ctx.Err()
	}
	return failure
}

// registerOne brings a trader's grant into the treasury and registers it. Of one that
// is an agent already it looks up what it paid.
func (p *play) registerOne(ctx context.Context, t *trader) (fresh bool, err error) {
	switch _, err = p.engine.Balance(ctx, t.id); {
	case err == nil:
		return false, p.recall(ctx, t)
	case !errors.Is(err, teg.ErrNotFound):
		return false, err
	}
	if !p.Grant.IsZero() {
		_, err = p.engine.Issue(ctx, teg.IssueParams{
			By: p.By, To: p.engine.TreasuryDID(), Amount: p.Grant, Reason: "grant of an imported trader",
			Reference: digest("grant", t.id.String(), p.Grant.String()),
		})
		if err != nil && !errors.Is(err, teg.ErrAlreadyExists) {
			return false, err
		}
	}
	_, err = p.engine.RegisterAgent(ctx, teg.RegisterParams{Agent: t.id, By: p.By, Grant: p.Grant})
	if errors.Is(err, teg.ErrAlreadyExists) {
		return false, nil
	}
	return err == nil, err
}

// digest names fields in a reference however long they are.
func digest(kind string, fields ...string) string {
	hash := sha256.New()
	for _, f := range fields {
		hash.Write([]byte(f))
		hash.Write([]byte{0})
	}
	return kind + ":" + hex.EncodeToString(hash.Sum(nil))
}
