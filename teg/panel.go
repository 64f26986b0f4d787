package teg

import (
	"context"
	"fmt"
	"time"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/governance/panel"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// agentPanel is the arbitrator that the engine brings: agents who are drawn by stake.
type agentPanel struct {
	*Engine
	read map[DisputeID]panel.Rows // for this look, all at once; what is older is seen at the next
}

// look reads the panels of disputes that are looked at now.
func (p *agentPanel) look(ctx context.Context, disputes []DisputeID) error {
	rows, err := p.reader().PanelRows(ctx, disputes...)
	if err != nil {
		return outward(err)
	}
	p.read = make(map[DisputeID]panel.Rows, len(disputes))
	for _, id := range disputes {
		p.read[id] = panel.Rows{}
	}
	for i := range rows.Rounds {
		of := p.read[rows.Rounds[i].Dispute]
		of.Rounds = append(of.Rounds, rows.Rounds[i])
		p.read[rows.Rounds[i].Dispute] = of
	}
	for i := range rows.Seats {
		of := p.read[rows.Seats[i].Dispute]
		of.Seats = append(of.Seats, rows.Seats[i])
		p.read[rows.Seats[i].Dispute] = of
	}
	return nil
}

// rows are those of a dispute, as they were read for this look.
func (p *agentPanel) rows(ctx context.Context, of DisputeID) (panel.Rows, error) {
	if rows, read := p.read[of]; read {
		return rows, nil
	}
	rows, err := p.reader().PanelRows(ctx, of)
	return rows, outward(err)
}

// Open implements [Arbitrator]: it draws the first round, and the second where the
// first found nothing.
func (p *agentPanel) Open(ctx context.Context, c Case) error {
	rows, err := p.rows(ctx, c.Dispute)
	if err != nil {
		return err
	}
	if number := roundToDraw(rows.Rounds); number > 0 {
		delete(p.read, c.Dispute)
		return p.drawPanel(ctx, c, number, rows.Seats)
	}
	return nil
}

// Submit implements [Arbitrator]. Jurors read the evidence where it is.
func (*agentPanel) Submit(context.Context, CaseEvidence) error { return nil }

// Ruling implements [Arbitrator]. A round that is to be drawn again is told as a case
// that is not known, so that it is opened again.
func (p *agentPanel) Ruling(ctx context.Context, d DisputeID) (Ruling, bool, error) {
	rows, err := p.rows(ctx, d)
	if err != nil {
		return Ruling{}, false, err
	}
	if roundToDraw(rows.Rounds) > 0 {
		return Ruling{}, false, ledger.Refuse(ErrNotFound, "a round is to be drawn")
	}
	last := &rows.Rounds[len(rows.Rounds)-1]
	if last.State != panel.Ruled {
		return Ruling{}, false, nil
	}
	return p.panelRuling(ctx, last, rows.Seats)
}

// tickRounds is how many open rounds one tick looks at; the next one goes on behind
// them.
const tickRounds = 100

// tickPanels moves rounds on: those whose members have all done what they wait for,
// those whose time is over, and those whose dispute has ended.
func (e *Engine) tickPanels(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, tickPatience)
	defer cancel()
	rounds, err := e.nextRounds(ctx)
	if err != nil || len(rounds) == 0 {
		return outward(err)
	}
	ids := make([]dispute.ID, len(rounds))
	for i := range rounds {
		ids[i] = rounds[i].Dispute
	}
	rows, err := e.reader().PanelRows(ctx, ids...)
	if err != nil {
		return outward(err)
	}
	found, _, err := e.reader().Disputes(ctx, dispute.Query{IDs: ids, Limit: len(ids)})
	if err != nil {
		return outward(err)
	}
	var due []*advance
	for i := range found {
		due = append(due, e.dueRounds(&found[i], &rows, now)...)
	}
	return e.together(len(due), func(i int) error { return e.advance(ctx, due[i]) })
}

// nextRounds reads the open rounds behind those of the last time, and begins anew at
// the end.
func (e *Engine) nextRounds(ctx context.Context) ([]panel.Round, error) {
	after := e.panelsAfter.Load()
	if after == nil {
		after = new(panel.RoundID)
	}
	rounds, err := e.reader().OpenRounds(ctx, *after, tickRounds)
	next := new(panel.RoundID)
	if len(rounds) == tickRounds {
		*next = rounds[len(rounds)-1].ID
	}
	e.panelsAfter.Store(next)
	return rounds, err
}

// advance is a round that is to be moved on.
type advance struct {
	dispute *dispute.Dispute
	round   panel.Round
	seats   []panel.Seat
}

// dueRounds are those of a dispute that can be moved on.
func (e *Engine) dueRounds(of *dispute.Dispute, rows *panel.Rows, now time.Time) (due []*advance) {
	stands, _ := of.AsOf(now, e.TermsInForce().Dispute)
	for _, round := range rows.Rounds {
		if round.Dispute != of.ID || !round.State.Open() {
			continue
		}
		seats := seatsIn(rows.Seats, round.ID)
		if _, _, over := round.Next(seats, DID{}, now); over || stands.Status != dispute.AwaitingArbitration {
			due = append(due, &advance{dispute: of, round: round, seats: seats})
		}
	}
	return due
}

func seatsIn(all []panel.Seat, round panel.RoundID) (seats []panel.Seat) {
	for i := range all {
		if all[i].Round == round {
			seats = append(seats, all[i])
		}
	}
	return seats
}

func (e *Engine) advance(ctx context.Context, a *advance) error {
	parties, err := e.parties(ctx, a.dispute.Claimant, a.dispute.Defendant)
	if err != nil {
		return err
	}
	op := &operation{ctx: ctx, verb: store.VerbAdvancePanel, by: e.config.ArbitratorDID, request: requestID(ctx), parties: parties}
	op.need.panels, op.need.disputes.IDs = []dispute.ID{a.dispute.ID}, []dispute.ID{a.dispute.ID}
	op.need.staking.Total = true
	for i := range a.seats {
		op.parties = append(op.parties, party{available: a.seats[i].Account})
		op.need.staking.PoolsOf = append(op.need.staking.PoolsOf, a.seats[i].Account)
	}
	return e.bySystem(op, a.decide)
}

func (a *advance) decide(d *decision) error {
	if err := d.beginStaking(); err != nil {
		return err
	}
	for _, round := range d.panels.RoundsOf(a.dispute.ID) {
		if round.ID == a.round.ID {
			return a.move(d, &round, d.panels.SeatsOf(round.ID))
		}
	}
	return nil
}

// move makes of a round what it becomes now, if anything.
func (a *advance) move(d *decision, round *panel.Round, seats []panel.Seat) error {
	next, step, due := round.Drop(d.op.by, d.now)
	if d.awaits(a.dispute.ID) {
		next, step, due = round.Next(seats, d.op.by, d.now)
	}
	if !due {
		return nil
	}
	d.panels.Change(next, step)
	told := panelAct(store.VerbAdvancePanel, &next)
	if !next.State.Open() {
		if err := d.closeSeats(&next, seats); err != nil {
			return err
		}
		told.panel = closeObject(seats)
	}
	d.record(told)
	return nil
}

// panelNotes is what the ruling of a panel says of itself.
func panelNotes(r *panel.Round, seats []panel.Seat) string {
	votes := map[panel.Choice]int{}
	for i := range seats {
		votes[seats[i].Choice]++
	}
	return fmt.Sprintf("%s, round %d: %d of %d jurors voted %s", r.ID, r.Number, votes[r.Choice], r.Size, r.Choice)
}
