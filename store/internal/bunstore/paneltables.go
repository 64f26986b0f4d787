package bunstore

import (
	"github.com/agentvault/teg-layer/governance/panel"
	"github.com/agentvault/teg-layer/ledger"
)

// PanelRounds are the juries of disputes.
var PanelRounds = panelRounds("roll")

// barePanelRounds are the same without their rolls, which are long: a round is looked
// at often, and drawn once.
var barePanelRounds = panelRounds("'' AS roll")

func panelRounds(roll string) Table[panel.Round] {
	return Table[panel.Round]{
		Name: "panel_rounds",
		Terms: []string{
			"id", "dispute", "number", "guard", "secret", "log_position", "log_event", "seed", roll, "passed", "size", "reveal_window",
			"penalty", "reward", "drawn_at",
		},
		Standing: []string{"state", "deadline", "choice", "steps", "updated_at"},
		places:   placesOfRound,
	}
}

func placesOfRound(r *panel.Round) (terms, standing []any) {
	return []any{
		(*ledger.ID)(&r.ID), (*ledger.ID)(&r.Dispute), &r.Number, (*int64)(&r.Guard), &r.Secret, &r.Position, &r.Event, &r.Seed, &r.Roll,
		&r.Passed, &r.Size, (*int64)(&r.RevealWindow), &r.Penalty, &r.Reward, &r.DrawnAt,
	}, []any{(*uint8)(&r.State), &r.Deadline, (*uint8)(&r.Choice), &r.Steps, &r.UpdatedAt}
}

// PanelSeats are the places in them.
var PanelSeats = Table[panel.Seat]{
	Name:     "panel_seats",
	Terms:    []string{"id", "round", "dispute", "number", "juror", "account", "pool", "pinned", "weight"},
	Standing: []string{"commitment", "committed_at", "choice", "salt", "revealed_at", "penalty", "reward", "open"},
	places: func(s *panel.Seat) (terms, standing []any) {
		return []any{
			(*ledger.ID)(&s.ID), (*ledger.ID)(&s.Round), (*ledger.ID)(&s.Dispute), &s.Number, &s.Juror, (*int64)(&s.Account), &s.Pool, &s.Pinned, &s.Weight,
		}, []any{&s.Commitment, &s.CommittedAt, (*uint8)(&s.Choice), &s.Salt, &s.RevealedAt, &s.Penalty, &s.Reward, &s.Open}
	},
}

// PanelSteps are what became of rounds.
var PanelSteps = Table[panel.Step]{
	Name:  "panel_history",
	Terms: []string{"round", "seq", "state", "actor", "note", "at"},
	places: func(s *panel.Step) (terms, standing []any) {
		return []any{(*ledger.ID)(&s.Round), &s.Seq, (*uint8)(&s.State), &s.By, &s.Note, &s.At}, nil
	},
}
