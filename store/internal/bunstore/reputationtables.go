package bunstore

import (
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/reputation"
)

// Scores are columns of the agents' profiles.
var Scores = Table[reputation.Score]{
	Name:     "agent_teg_profiles",
	Terms:    []string{"account_id"},
	Standing: []string{"reputation_score", "reputation_events", "positive_signals", "negative_signals", "reputation_at"},
	places: func(s *reputation.Score) (terms, standing []any) {
		return []any{(*int64)(&s.Agent)}, []any{&s.Value, &s.Events, &s.Positive, &s.Negative, &s.At}
	},
}

// ScoreEvents are the changes of scores.
var ScoreEvents = Table[reputation.Event]{
	Name:  "reputation_events",
	Terms: []string{"agent", "seq", "requested", "applied", "score", "reason", "giver", "weight", "transaction_id", "related_id", "at"},
	places: func(e *reputation.Event) (terms, standing []any) {
		return []any{
			(*int64)(&e.Agent), &e.Seq, &e.Requested, &e.Applied, &e.Value, (*uint8)(&e.Reason), (*int64)(&e.Giver), &e.Weight,
			(*ledger.ID)(&e.Cause), &e.Related, &e.At,
		}, nil
	},
}

// Reports are what was said of AVTP transactions.
var Reports = Table[reputation.Report]{
	Name: "avtp_transaction_summary_logs",
	Terms: []string{
		"id", "scope", "own", "reporter", "avtp_transaction_id", "initiator", "responder", "service", "price", "sla", "transaction_id",
		"outcome", "final", "status", "at", "initiator_seq", "responder_seq", "initiator_change", "responder_change",
	},
	places: func(r *reputation.Report) (terms, standing []any) {
		return []any{
			(*ledger.ID)(&r.ID), &r.Scope, &r.Own, &r.Reporter, &r.AVTP, (*int64)(&r.Initiator), (*int64)(&r.Responder), &r.Service, &r.Price,
			&r.SLA, (*ledger.ID)(&r.Transfer), (*uint8)(&r.Outcome), &r.Final, (*uint8)(&r.Status), &r.At,
			&r.InitiatorSeq, &r.ResponderSeq, &r.InitiatorChange, &r.ResponderChange,
		}, nil
	},
}
