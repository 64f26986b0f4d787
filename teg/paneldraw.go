package teg

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/governance/panel"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// bench is a jury that is about to be drawn.
type bench struct {
	of      Case
	number  int
	terms   panel.Terms
	round   panel.Round
	drawn   []panel.Candidate // in the order in which they may take seats
	parties []party           // the claimant, the defendant
}

// spares is how many are drawn for each seat: whoever cannot take one by then is
// passed over.
const spares = 2

// drawPanel draws a round for a dispute. It does nothing where somebody else did by
// then.
func (e *Engine) drawPanel(ctx context.Context, of Case, number int, earlier []panel.Seat) error {
	b := &bench{of: of, number: number, terms: *e.config.Panel}
	var err error
	if b.parties, err = e.parties(ctx, of.Claimant, of.Defendant); err != nil {
		return err
	}
	roll, err := e.roll(ctx, b, earlier)
	if err != nil {
		return err
	}
	if err := e.seed(ctx, b, roll); err != nil {
		return err
	}
	op := &operation{ctx: ctx, verb: store.VerbDrawPanel, by: e.config.ArbitratorDID, request: requestID(ctx), parties: b.parties}
	op.need.panels, op.need.disputes.IDs = []dispute.ID{of.Dispute}, []dispute.ID{of.Dispute}
	op.need.staking.Total = true
	for _, c := range b.drawn {
		op.parties = append(op.parties, party{available: c.Account})
		op.need.staking.PoolsOf = append(op.need.staking.PoolsOf, c.Account)
		op.need.reputation.Agents = append(op.need.reputation.Agents, c.Account)
	}
	return e.bySystem(op, b.decide)
}

// roll lists who can be drawn: nobody who is a party, or had a seat before.
func (e *Engine) roll(ctx context.Context, b *bench, earlier []panel.Seat) (panel.Roll, error) {
	found, err := e.reader().Candidates(ctx, panel.CandidateQuery{
		Now: e.clock.now(), StakedBefore: b.of.FiledAt, MinReputation: b.terms.MinReputation, MinStake: b.terms.MinStake,
		MinFree: b.terms.SeatStake, Limit: panel.MaxCandidates + 2 + len(earlier), // whom the roll leaves out cost nobody a place
	})
	excluded := []DID{b.of.Claimant, b.of.Defendant}
	for i := range earlier {
		excluded = append(excluded, earlier[i].Juror)
	}
	return panel.NewRoll(found, excluded...), outward(err)
}

// seed makes the seed of the round, and draws.
func (e *Engine) seed(ctx context.Context, b *bench, roll panel.Roll) error {
	last, _, err := e.reader().Events(ctx, store.EventQuery{Limit: 1})
	if err != nil {
		return outward(err)
	}
	if len(last) == 0 { // a dispute is about something that was logged
		return ErrInternal
	}
	var secret [32]byte
	rand.Read(secret[:]) // never fails
	event, text := sha256.Sum256(last[0].Body), roll.Text()
	seed := panel.Seed(secret, b.of.Dispute.String(), b.number, event, text)
	b.round = panel.Round{
		Dispute: b.of.Dispute, Number: b.number, Guard: b.parties[0].available, Secret: hex.EncodeToString(secret[:]), Position: last[0].Position,
		Event: hex.EncodeToString(event[:]), Seed: hex.EncodeToString(seed[:]), Roll: text,
	}
	b.drawn = panel.Draw(seed, roll, spares*b.terms.Seats)
	return nil
}

func (b *bench) decide(d *decision) error {
	if err := d.beginStaking(); err != nil {
		return err
	}
	if !d.awaits(b.of.Dispute) || roundToDraw(d.panels.RoundsOf(b.of.Dispute)) != b.number {
		return nil // it ended, or somebody else drew
	}
	round := b.round
	round.ID = panel.RoundID(d.core.newID())
	seats, err := b.seat(d, &round)
	if err != nil {
		return err
	}
	round, steps := round.Start(&b.terms, len(seats), d.op.by, d.now)
	d.panels.Add(round, seats, steps)
	a := panelAct(store.VerbDrawPanel, &round)
	a.panel = drawObject(&round, seats)
	d.record(a)
	return nil
}

// roundToDraw is the number of the round that a dispute is to get now; zero: none.
func roundToDraw(rounds []panel.Round) int {
	if len(rounds) == 0 {
		return 1
	}
	if last := &rounds[len(rounds)-1]; last.State == panel.Redrawn {
		return last.Number + 1
	}
	return 0
}

// awaits reports whether a dispute waits for a ruling now.
func (d *decision) awaits(id DisputeID) bool {
	found, ok := d.disputes.Dispute(id)
	if !ok {
		return false
	}
	now, _ := found.AsOf(d.now, d.disputeTerms())
	return now.Status == dispute.AwaitingArbitration
}

// seat gives seats to those who were drawn, in their order. Where they are too few,
// nobody gets one.
func (b *bench) seat(d *decision, round *panel.Round) ([]panel.Seat, error) {
	var seats []panel.Seat
	var passed []string
	before := d.stakes.Mark()
	for _, c := range b.drawn {
		if len(seats) == b.terms.Seats {
			break
		}
		pool, ok, err := b.pin(d, &c)
		if err != nil {
			return nil, err
		}
		if !ok {
			passed = append(passed, c.Juror.String())
			continue
		}
		seats = append(seats, panel.Seat{
			ID: panel.SeatID(d.core.newID()), Round: round.ID, Dispute: round.Dispute, Number: len(seats) + 1, Juror: c.Juror,
			Account: c.Account, Pool: ledger.ID(pool), Pinned: b.terms.SeatStake, Weight: c.Weight, Open: true,
		})
	}
	round.Passed = strings.Join(passed, " ")
	if len(seats) < b.terms.Seats {
		d.stakes.Revert(before)
		seats = nil
	}
	return seats, nil
}

// pin pins what a seat costs in the stake of who was drawn, and reports whether it can
// take the seat.
func (b *bench) pin(d *decision, c *panel.Candidate) (staking.PoolID, bool, error) {
	row := d.book.Account(c.Account)
	if row == nil || ledger.CanAct(row, d.now) != nil || d.conduct.Score(c.Account) < b.terms.MinReputation {
		return staking.PoolID{}, false, nil
	}
	before := d.stakes.Mark()
	pool, pinned, err := d.stakes.Pin(c.Account, b.terms.SeatStake)
	if err != nil || pinned.Less(b.terms.SeatStake) {
		d.stakes.Revert(before)
		return staking.PoolID{}, false, err
	}
	return pool, true, nil
}
