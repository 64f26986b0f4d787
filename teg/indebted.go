package teg

import (
	"sync"
	"sync/atomic"

	"github.com/agentvault/teg-layer/ledger"
)

// indebted remembers who owed something lately, and where what comes in to them is set
// aside, so that an operation can name that row before it is decided. What it says may
// be too much or too little: a row that is not loaded is asked for. While nobody owes
// anything it costs nothing.
type indebted struct {
	known atomic.Int64
	mu    sync.RWMutex
	rows  map[ledger.AccountID]ledger.AccountID // the garnished row by the available one
}

// maxIndebted is how many debtors are remembered; of others the row is asked for each time.
const maxIndebted = 10_000

// of is the garnished row of the owner of an available row, or zero.
func (i *indebted) of(available ledger.AccountID) ledger.AccountID {
	if i.known.Load() == 0 {
		return 0
	}
	i.mu.RLock()
	defer i.mu.RUnlock()
	return i.rows[available]
}

func (i *indebted) put(available, garnished ledger.AccountID) {
	if i.of(available) == garnished {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.rows == nil {
		i.rows = map[ledger.AccountID]ledger.AccountID{}
	}
	if _, kept := i.rows[available]; kept || len(i.rows) < maxIndebted {
		i.rows[available] = garnished
	}
	i.known.Store(int64(len(i.rows)))
}

func (i *indebted) drop(available ledger.AccountID) {
	if i.of(available) == 0 {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.rows, available)
	i.known.Store(int64(len(i.rows)))
}

// appendRows adds what an operation about a row needs.
func (i *indebted) appendRows(to []ledger.AccountID, available ledger.AccountID) []ledger.AccountID {
	to = append(to, available)
	if garnished := i.of(available); garnished != 0 {
		to = append(to, garnished)
	}
	return to
}

// learnDebtors notes who of those whose garnished rows are loaded owes something still.
func (g *group) learnDebtors(rows []ledger.Account) {
	if len(g.garnished) == 0 {
		return
	}
	for i := range rows {
		row := &rows[i]
		garnished := g.garnished[row.Owner]
		switch {
		case row.Kind != ledger.Available || garnished == 0:
		case row.Owes.IsZero():
			g.core.indebted.drop(row.ID)
		default:
			g.core.indebted.put(row.ID, garnished)
		}
	}
}
