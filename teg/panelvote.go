package teg

import (
	"context"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/governance/panel"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// CommitVoteParams asks to hand a juror's commitment in.
type CommitVoteParams struct {
	By         DID // the juror
	Dispute    DisputeID
	Commitment string // see [Commitment]
	DryRun     bool
}

// RevealVoteParams asks to say what a juror chose.
type RevealVoteParams struct {
	By      DID // the juror
	Dispute DisputeID
	Choice  PanelChoice
	Salt    string // with which the commitment was made
	DryRun  bool
}

// SeatReceipt is a seat as it was right after an act of its member.
type SeatReceipt struct {
	Seat  PanelSeat
	Round PanelRound
	Again bool // the same had been done before, and nothing was
}

// CommitVote hands in what a juror has chosen without telling it. The same again does
// nothing.
//
// Errors: [ErrInvalidInput], [ErrSuspended], [ErrNotFound] for a dispute in whose
// panel the caller has no seat, [ErrInvalidState] outside of the time for it,
// [ErrAlreadyExists] after another commitment.
func (e *Engine) CommitVote(ctx context.Context, p CommitVoteParams) (SeatReceipt, error) {
	if err := check(named("by", p.By), panel.CheckCommitment(p.Commitment)); err != nil {
		return SeatReceipt{}, err
	}
	v := vote{by: p.By, of: p.Dispute, verb: store.VerbCommitVote, dryRun: p.DryRun}
	v.change = func(d *decision, r *panel.Round, s panel.Seat) (panel.Seat, bool, error) {
		return r.Commit(s, p.Commitment, d.now)
	}
	return e.vote(ctx, &v)
}

// RevealVote tells what a juror has chosen. The same again does nothing.
//
// Errors: as [Engine.CommitVote]; [ErrInvalidInput] also where choice and salt do not
// make the commitment.
func (e *Engine) RevealVote(ctx context.Context, p RevealVoteParams) (SeatReceipt, error) {
	if err := check(named("by", p.By), checkChoice(p.Choice), panel.CheckSalt(p.Salt)); err != nil {
		return SeatReceipt{}, err
	}
	v := vote{by: p.By, of: p.Dispute, verb: store.VerbRevealVote, dryRun: p.DryRun}
	v.change = func(d *decision, r *panel.Round, s panel.Seat) (panel.Seat, bool, error) {
		return r.Reveal(s, p.Choice, p.Salt, d.now)
	}
	return e.vote(ctx, &v)
}

func checkChoice(c PanelChoice) error {
	_, err := panel.ParseChoice(c.String())
	return err
}

// vote is an act of a juror.
type vote struct {
	by     DID
	of     DisputeID
	verb   store.Verb
	dryRun bool
	change func(*decision, *panel.Round, panel.Seat) (panel.Seat, bool, error)
}

func (e *Engine) vote(ctx context.Context, v *vote) (SeatReceipt, error) {
	op, err := e.administrative(ctx, v.by, v.verb, v.dryRun)
	if err != nil {
		return SeatReceipt{}, err
	}
	op.intend(Intent{Dispute: v.of})
	rows, err := e.reader().PanelRows(ctx, v.of)
	if err != nil {
		return SeatReceipt{}, outward(err)
	}
	if len(rows.Rounds) > 0 { // all of a dispute have the same guard
		op.parties = []party{{available: rows.Rounds[0].Guard}}
		op.need.panels = []dispute.ID{v.of}
	}
	return perform(e, op, v.decide, func(store.Record) (SeatReceipt, error) { return SeatReceipt{}, ErrInternal })
}

func (v *vote) decide(d *decision) (SeatReceipt, []ledger.ID, error) {
	round, seat, err := d.seat(v.of, v.by)
	if err != nil {
		return SeatReceipt{}, nil, err
	}
	changed, again, err := v.change(d, &round, seat)
	if err != nil || again {
		return SeatReceipt{Seat: changed, Round: round, Again: again}, nil, err
	}
	d.panels.ChangeSeat(changed)
	a := act{action: v.verb.String(), agent: v.by, reference: round.ID.String(), referenceID: v.of.String(), value: changed.Commitment}
	if changed.Choice.Valid() {
		a.status, a.value = changed.Choice.String(), changed.Salt
	}
	d.record(a)
	return SeatReceipt{Seat: changed, Round: round}, nil, nil
}

// seat is that of a juror in the last round in which it has one.
func (d *decision) seat(of DisputeID, juror DID) (panel.Round, panel.Seat, error) {
	rounds := d.panels.RoundsOf(of)
	for i := len(rounds) - 1; i >= 0; i-- {
		if seat, found := d.panels.SeatOf(rounds[i].ID, juror); found {
			return rounds[i], seat, nil
		}
	}
	return panel.Round{}, panel.Seat{}, noSeat()
}

func noSeat() error {
	return ledger.Refuse(ErrNotFound, "no panel of this dispute has a seat of yours")
}
