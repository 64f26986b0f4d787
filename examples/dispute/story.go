package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"

	"github.com/agentvault/teg-layer/teg"
)

// story is one dispute, and what those who take part in it know.
type story struct {
	eng  *teg.Engine
	days *calendar
	node string // empty: there is none
	out  io.Writer

	stakes map[teg.DID]teg.StakeID
	task   teg.HoldReceipt
	seats  []teg.PanelSeat
	salts  map[teg.DID]string // each known to its juror alone
}

// populate gives everybody something. The jurors, and Bob, put a part of it at stake: it
// is what a seat is drawn by, and what a penalty can be taken from.
func (s *story) populate(ctx context.Context) error {
	s.stakes = map[teg.DID]teg.StakeID{}
	for _, to := range append([]teg.DID{alice, bob}, jurors...) {
		grant := teg.IssueParams{By: admin, To: to, Amount: teg.AVT("100"), Reason: "genesis grant", Key: "genesis-" + to.ID()}
		if _, err := s.eng.Issue(ctx, grant); err != nil {
			return err
		}
		if to == alice {
			continue
		}
		stake, err := s.eng.Stake(ctx, teg.StakeParams{By: to, Amount: teg.AVT("50"), Key: "stake-1"})
		if err != nil {
			return err
		}
		s.stakes[to] = stake.StakeID
	}
	return nil
}

// hire sets the price of the work aside. Bob has it for certain once he delivers: Alice
// cannot take it back alone.
func (s *story) hire(ctx context.Context) (err error) {
	s.task, err = s.eng.Hold(ctx, teg.HoldParams{
		From: alice, To: bob, Amount: teg.AVT("20"), VoidBy: teg.VoidByReceiver, Purpose: "translate 40 pages in two days", Key: "task-1",
	})
	return err
}

// file is what Alice does when nothing has come. It freezes the hold.
func (s *story) file(ctx context.Context) (teg.DisputeReceipt, error) {
	if err := s.after(ctx, 3*day); err != nil {
		return teg.DisputeReceipt{}, err
	}
	eng, task := s.eng, s.task
	// region file
	filed, err := eng.RaiseDispute(ctx, teg.RaiseDisputeParams{
		By: alice, Defendant: bob, TransactionID: task.TransactionIDs[0], // the hold, which is frozen by this
		Reason: "NOT_DELIVERED", Description: "due after two days, and not here after three", Key: "dispute-1",
	})
	// endregion
	return filed, err
}

// argue is the claimant's evidence and the defendant's answer.
func (s *story) argue(ctx context.Context, id teg.DisputeID) error {
	letters, err := publish(ctx, s.node, []byte("alice: where are my 40 pages?\nbob: tomorrow\n"))
	if err != nil {
		return err
	}
	eng := s.eng
	// region evidence
	_, err = eng.AddEvidence(ctx, teg.EvidenceParams{By: alice, DisputeID: id, Pointer: letters, Description: "what we wrote to each other"})
	// endregion
	if err != nil {
		return err
	}
	_, err = eng.RespondToDispute(ctx, teg.ResponseParams{By: bob, DisputeID: id, Response: "I am nearly done"})
	return err
}

// wait shows both ways on: a deadline that passes, and a person who does not wait for the
// next one.
func (s *story) wait(ctx context.Context, id teg.DisputeID) error {
	if err := s.after(ctx, teg.DefaultDisputeTerms().Open); err != nil {
		return err
	}
	_, err := s.eng.AdvanceDispute(ctx, teg.AdvanceDisputeParams{
		By: admin, DisputeID: id, Status: teg.DisputeAwaitingArbitration, Note: "word against word",
	})
	if err != nil {
		return err
	}
	return s.after(ctx, 0) // the panel is drawn
}

// pinned shows what both can do with their money meanwhile. From UNDER_REVIEW on, stake
// of the defendant stays where it is, up to what the dispute is about.
func (s *story) pinned(ctx context.Context, _ teg.DisputeID) error {
	has, err := s.eng.Balance(ctx, alice)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, "alice has", has.Available, "AVT, and", has.Locked, "locked: the hold and its fee, the fee and the bond of the dispute")
	_, err = s.eng.Unstake(ctx, teg.UnstakeParams{By: bob, StakeID: s.stakes[bob], Key: "flight-1"})
	if !errors.Is(err, teg.ErrInvalidState) {
		return fmt.Errorf("bob could take out what is pinned: %w", err)
	}
	fmt.Fprintln(s.out, "bob cannot take his stake out:", err)
	return nil
}

// vote is the first half of what jurors do: each hands in a hash of its choice, so that
// nobody can follow the others.
func (s *story) vote(ctx context.Context, id teg.DisputeID) error {
	panel, err := s.eng.Panel(ctx, id)
	if err != nil {
		return err
	}
	round := panel.Rounds[0]
	s.seats, s.salts = round.Seats, map[teg.DID]string{}
	for _, seat := range s.seats {
		if s.salts[seat.Juror], err = commit(ctx, s.eng, id, round.Number, seat.Juror); err != nil {
			return err
		}
	}
	return s.after(ctx, day) // all have: the round goes on before its deadline
}

func commit(ctx context.Context, eng *teg.Engine, id teg.DisputeID, round int, juror teg.DID) (string, error) {
	// region commit
	salt := rand.Text() // the juror keeps it until votes are revealed
	_, err := eng.CommitVote(ctx, teg.CommitVoteParams{
		By: juror, Dispute: id, Commitment: teg.Commitment(id, round, juror, teg.ChoiceForClaimant, salt),
	})
	// endregion
	return salt, err
}

// reveal is the second half. The last juror has lost its salt: it cannot say what it
// chose, the round waits for its deadline, and the juror pays for that.
func (s *story) reveal(ctx context.Context, id teg.DisputeID) error {
	for _, seat := range s.seats[:len(s.seats)-1] {
		_, err := s.eng.RevealVote(ctx, teg.RevealVoteParams{By: seat.Juror, Dispute: id, Choice: teg.ChoiceForClaimant, Salt: s.salts[seat.Juror]})
		if err != nil {
			return err
		}
	}
	return s.after(ctx, teg.DefaultPanelTerms().RevealWindow) // the ruling is carried out, too
}
