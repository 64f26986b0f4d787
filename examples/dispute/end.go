package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/agentvault/teg-layer/teg"
)

const date = "Jan 02"

// end shows how it ended: the ruling, what became of everybody, and what the books and the
// log say of it.
func (s *story) end(ctx context.Context, id teg.DisputeID) error {
	d, err := s.eng.Dispute(ctx, alice, id)
	if err != nil {
		return err
	}
	for _, piece := range d.Evidence {
		fmt.Fprintln(s.out, "evidence", piece.Pointer, storage(piece))
	}
	fmt.Fprintf(s.out, "%s, the hold is %s\n", d.Status, d.HoldEnd)
	if err := s.panel(ctx, id); err != nil {
		return err
	}
	for _, agent := range []teg.DID{alice, bob} {
		if err := s.standing(ctx, agent); err != nil {
			return err
		}
	}
	if err := s.money(ctx, d); err != nil {
		return err
	}
	return s.trail(ctx, id)
}

// storage is what is known of a piece of evidence.
func storage(piece teg.DisputeEvidence) string {
	switch {
	case piece.Storage.At.IsZero():
		return "was not looked at"
	case !piece.Storage.Sound:
		return "is not what it says: " + piece.Storage.Problem
	}
	return fmt.Sprint("is there, ", piece.Storage.Size, " bytes")
}

// panel shows what became of the jurors. Who they are is drawn anew in each run.
func (s *story) panel(ctx context.Context, id teg.DisputeID) error {
	panel, err := s.eng.Panel(ctx, id)
	if err != nil {
		return err
	}
	for _, round := range panel.Rounds {
		fmt.Fprintf(s.out, "%d of %d jurors were drawn\n", len(round.Seats), strings.Count(round.Roll, "\n"))
		for _, seat := range round.Seats {
			if seat.Choice.Valid() {
				fmt.Fprintln(s.out, "seat", seat.Number, "chose", seat.Choice, "and got", seat.Reward, "AVT")
			} else {
				fmt.Fprintln(s.out, "seat", seat.Number, "chose nothing and lost", seat.Penalty, "AVT")
			}
		}
	}
	return nil
}

func (s *story) standing(ctx context.Context, agent teg.DID) error {
	has, err := s.eng.Balance(ctx, agent)
	if err != nil {
		return err
	}
	conduct, err := s.eng.Reputation(ctx, agent)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, name(agent), "has", has.Available, "AVT,", has.Locked, "locked,", has.Staked, "staked, and a score of", conduct.Score)
	return nil
}

// money prints what was moved for the dispute: each transaction names what it belongs to.
func (s *story) money(ctx context.Context, d teg.DisputeView) error {
	hold := teg.HoldID(d.Cause.ID)
	moved, err := s.eng.Transactions(ctx, teg.TransactionsQuery{Agent: alice})
	if err != nil {
		return err
	}
	for _, tx := range slices.Backward(moved.Transactions) { // the newest comes first
		if tx.ReferenceID == d.ID.String() || tx.ReferenceID == hold.String() {
			fmt.Fprintln(s.out, tx.At.Format(date), tx.Type, tx.Amount, "AVT")
		}
	}
	return nil
}

// trail prints what the log says of the dispute, the first act first. Each act is one
// event, written in the same commit as what it changed.
func (s *story) trail(ctx context.Context, id teg.DisputeID) error {
	log, err := s.eng.AuditLog(ctx, teg.AuditLogQuery{Limit: teg.MaxLimit})
	if err != nil {
		return err
	}
	for _, e := range slices.Backward(log.Entries) { // the log is read from its end
		if !slices.Contains(e.IDs, id.String()) {
			continue
		}
		var body struct{ Status string }
		if err := json.Unmarshal(e.Body, &body); err != nil {
			return err
		}
		fmt.Fprintln(s.out, strings.TrimSpace(fmt.Sprintln(e.At.Format(date), name(e.Actor), e.Action, body.Status)))
	}
	return nil
}

// name is what an agent is called here. What the engine does by itself, it does in the
// name of the treasury.
func name(agent teg.DID) string {
	if slices.Contains(jurors, agent) {
		return "juror" // whoever it was this time
	}
	return agent.ID()
}
