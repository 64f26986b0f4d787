package teg

import (
	"context"
	"sync"

	"github.com/agentvault/teg-layer/ledger"
)

// party is where an agent's rows are. They never change once the agent exists.
type party struct {
	available, locked ledger.AccountID
	owner             DID                 // who was looked up; zero where a row named the party
	origin            ledger.Origin       // as far as it was asked for
	pools             [4]ledger.AccountID // as far as they are known: they are made when they are first needed
}

func (p party) known() bool { return p.available != 0 }

// add takes note of a row of the party's owner.
func (p *party) add(row *ledger.Account) {
	switch row.Kind {
	case ledger.Available:
		p.available = row.ID
	case ledger.Locked:
		p.locked = row.ID
	case ledger.Staked, ledger.Delegated, ledger.Unbonding, ledger.UnbondingDelegated:
		p.pools[row.Kind-ledger.Staked] = row.ID
	}
}

// partiesOf gathers the rows of each owner who is an agent.
func partiesOf(rows []ledger.Account) map[DID]party {
	parties := make(map[DID]party, len(rows)/2)
	for i := range rows {
		p := parties[rows[i].Owner]
		if p.add(&rows[i]); p.known() || p.locked != 0 {
			parties[rows[i].Owner] = p
		}
	}
	return parties
}

// directory remembers where agents' rows are. Being immutable, what it holds
// cannot be stale, unless the database goes back: see [group.recognize]. It keeps at most two generations of directorySize agents;
// those not asked for within a generation are forgotten.
type directory struct {
	mu         sync.RWMutex
	young, old map[DID]party
}

const directorySize = 100_000

func (d *directory) get(id DID) (party, bool) {
	d.mu.RLock()
	p, young := d.young[id]
	q, old := d.old[id]
	d.mu.RUnlock()
	if young {
		return p, true
	}
	if old {
		d.put(id, q)
	}
	return q, old
}

func (d *directory) put(id DID, p party) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.young == nil || len(d.young) >= directorySize {
		d.old, d.young = d.young, make(map[DID]party)
	}
	d.young[id] = p
}

// forget is for an agent who is not where the directory says.
func (d *directory) forget(id DID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.young, id)
	delete(d.old, id)
}

// parties looks agents up; those who do not exist come back unknown.
func (e *Engine) parties(ctx context.Context, ids ...DID) ([]party, error) {
	found := make([]party, len(ids))
	var missing []DID
	for i, id := range ids {
		p, ok := e.directory.get(id)
		if !ok && !id.IsZero() {
			missing = append(missing, id)
		}
		found[i] = p
	}
	if len(missing) > 0 {
		looked, err := e.lookUp(ctx, missing)
		if err != nil {
			return nil, err
		}
		for i, id := range ids {
			if !found[i].known() {
				found[i] = looked[id]
			}
		}
	}
	for i, id := range ids {
		if found[i].known() {
			found[i].owner = id
		}
	}
	return found, nil
}

// lookUp asks the store, and remembers what is committed.
func (e *Engine) lookUp(ctx context.Context, ids []DID) (map[DID]party, error) {
	if e.host != nil { // before a statement that could fail, and end the host's transaction
		if err := e.host.Join(ctx); err != nil {
			return nil, outward(err)
		}
	}
	rows, err := e.rowsOf(ctx, ids)
	if err != nil {
		return nil, outward(err)
	}
	found := partiesOf(rows)
	if e.host == nil {
		for id, p := range found {
			e.directory.put(id, p)
		}
	}
	return found, nil
}

// rowsOf reads the rows of agents. One is asked for with whoever else is looked up just
// then: a process that has just been started knows nobody, and everybody calls at once.
func (e *Engine) rowsOf(ctx context.Context, ids []DID) ([]ledger.Account, error) {
	if len(ids) == 1 {
		return e.accountsOf(ctx, ids[0])
	}
	return e.reader().AccountsOf(ctx, ids...)
}

// Registered reports whether an agent has a profile. The answer costs nothing
// for agents that were seen lately.
func (e *Engine) Registered(ctx context.Context, id DID) (bool, error) {
	found, err := e.parties(ctx, id)
	if err != nil {
		return false, err
	}
	return found[0].known(), nil
}
