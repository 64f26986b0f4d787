package postgres

import (
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

var (
	panelRounds = keep(&bunstore.PanelRounds)
	panelSeats  = keep(&bunstore.PanelSeats)
	panelSteps  = keep(&bunstore.PanelSteps)

	findRounds = statement{"find_rounds", selectFrom(&bunstore.PanelRounds) + `dispute = ANY($1::uuid[])`}
	findSeats  = statement{"find_seats", selectFrom(&bunstore.PanelSeats) + `dispute = ANY($1::uuid[])`}
)

// panelCalls write what became of panels.
func panelCalls(c *store.Changes) (calls []call) {
	calls = panelRounds.insertCall(calls, c.Panels.NewRounds)
	calls = panelRounds.changeCall(calls, c.Panels.Rounds)
	calls = panelSeats.insertCall(calls, c.Panels.NewSeats)
	calls = panelSeats.changeCall(calls, c.Panels.Seats)
	return panelSteps.insertCall(calls, c.Panels.Steps)
}
