package teg

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/store"
)

// TermsInForce are the parameters by which decisions go: those of the configuration
// and, over them, what active mandatory policies set.
type TermsInForce = policy.Terms

// snapshot is all policies as of one version, and the terms that follow from them.
// It never changes.
type snapshot struct {
	policies *policy.Book
	terms    TermsInForce
}

// configured are the terms without any policy.
func (c *Config) configured() TermsInForce {
	return TermsInForce{Ledger: *c.Terms, Staking: *c.Staking, Reputation: *c.Reputation, Dispute: *c.Disputes}
}

// snapshotOf lays policies over the configuration.
func (c *core) snapshotOf(policies *policy.Book) *snapshot {
	return &snapshot{policies: policies, terms: policies.Terms(c.config.configured())}
}

// Terms returns the economic parameters of the ledger that are in force; all of them
// are in [Engine.TermsInForce].
func (e *Engine) Terms() Terms { return e.inForce.Load().terms.Ledger }

// TermsInForce returns the parameters that are in force, as far as this process knows.
// What it has changed itself it knows at once; what another has, once it decides
// anything, which is never done by older ones, and with the next [Engine.Tick], within
// a second under [Engine.Run]. [Engine.LatestTerms] asks.
func (e *Engine) TermsInForce() TermsInForce { return e.inForce.Load().terms }

// LatestTerms returns the parameters that are in force, whoever changed them last: it
// asks for their version, and reads them again where that is another.
func (e *Engine) LatestTerms(ctx context.Context) (TermsInForce, error) {
	if err := e.refreshTerms(ctx); err != nil {
		return TermsInForce{}, err
	}
	return e.TermsInForce(), nil
}

// TermsAt returns the parameters that were in force at an instant: of what policies
// set, as it was then, over what the configuration says now. An instant to come is the
// present.
func (e *Engine) TermsAt(ctx context.Context, at time.Time) (TermsInForce, error) {
	latest, err := e.LatestTerms(ctx)
	if err != nil || !at.Before(latest.Since) { // the last change is the one that counts, if it was made by then
		return latest, err
	}
	list, err := e.reader().PoliciesAt(ctx, at)
	if err != nil {
		return TermsInForce{}, outward(err)
	}
	return policy.NewBook(list).Terms(e.config.configured()), nil
}

// loadTerms learns the terms in force when the engine is made.
func (c *core) loadTerms(ctx context.Context) error {
	list, err := c.store.Reader().Policies(ctx)
	if err != nil {
		return outward(err)
	}
	in := c.snapshotOf(policy.NewBook(list))
	if names := in.policies.Sets(); len(names) > 0 {
		c.config.Logger.InfoContext(ctx, "policies set terms over the configuration", "version", in.terms.Version, "parameters", names)
	}
	if err := in.policies.Unknown(); err != nil {
		return fmt.Errorf("teg: %w", err)
	}
	if err := in.terms.Check(); err != nil {
		return fmt.Errorf("teg: the configuration and the policies in force contradict each other: %w", err)
	}
	c.inForce.Store(in)
	return nil
}

// byTerms lets something be decided by the terms in force, and again where others were
// by the time that it was to be committed. Each time somebody has changed a policy, so
// there is an end to it.
func (c *core) byTerms(ctx context.Context, writer store.Writer, decide func(in *snapshot) error) error {
	for {
		in := c.inForce.Load()
		err := decide(in)
		if !errors.Is(err, store.ErrTermsChanged) {
			return err
		}
		reader := c.store.Reader()
		if host, ok := writer.(store.Host); ok {
			reader = host.Reader() // which may be all that can read while it is open
		}
		if err := c.reload(ctx, reader, in); err != nil {
			return err
		}
	}
}

// begin opens a transaction whose decisions go by terms that are in force once its rows
// are locked. Whether they still are when it commits the store sees, where events are
// written; what writes none, as a refusal that is remembered, was decided while its
// caller waited, by what was in force then.
func (c *core) begin(ctx context.Context, writer store.Writer, in *snapshot, need store.Need, mode store.LockMode) (store.Tx, *store.Rows, error) {
	tx, rows, err := writer.Begin(ctx, need, mode)
	if err == nil && rows.TermsVersion != in.terms.Version {
		return nil, nil, errors.Join(store.ErrTermsChanged, rollback(ctx, tx))
	}
	return tx, rows, err
}

// reload replaces a snapshot that is no longer in force.
func (c *core) reload(ctx context.Context, reader store.Reader, old *snapshot) error {
	c.reloading.Lock()
	defer c.reloading.Unlock()
	if c.inForce.Load() != old {
		return nil // somebody has
	}
	list, err := reader.Policies(ctx)
	if err != nil {
		return err
	}
	in := c.snapshotOf(policy.NewBook(list))
	if in.terms.Version == old.terms.Version {
		return fmt.Errorf("%w: the head of the log bears another version of the terms than there are policies; see Verify", ErrInternal)
	}
	if err := in.policies.Unknown(); err != nil { // a newer program is at work, too
		return fmt.Errorf("%w: %w", ErrInternal, err)
	}
	if err := in.terms.Check(); err != nil { // another process is configured otherwise, and took them
		c.config.Logger.Error("the configuration and the policies in force contradict each other; configure all processes alike", "error", err)
	}
	c.inForce.Store(in)
	return nil
}

// adopt puts in force what a group of this process has committed.
func (c *core) adopt(next *snapshot) {
	c.reloading.Lock()
	defer c.reloading.Unlock()
	if c.inForce.Load().terms.Version < next.terms.Version {
		c.inForce.Store(next)
	}
}

// refreshTerms takes notice of what other processes have changed.
func (e *Engine) refreshTerms(ctx context.Context) error {
	in := e.inForce.Load()
	version, err := e.reader().TermsVersion(ctx)
	if err != nil || version <= in.terms.Version { // lower: in a host's transaction, which sees what was before it
		return outward(err)
	}
	return outward(e.reload(ctx, e.reader(), in))
}
