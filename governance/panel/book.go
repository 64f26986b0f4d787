package panel

import (
	"cmp"
	"slices"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Book is the rounds and seats that a group of operations loaded, and what they
// changed so far. What an operation did can be taken back.
type Book struct {
	rounds map[RoundID]*kept[Round]
	seats  map[SeatID]*kept[Seat]
	steps  []Step
	undo   []func()
}

// kept is a row as it was loaded and as it is.
type kept[Row comparable] struct {
	before, now Row
	fresh       bool
}

// NewBook begins with what was loaded.
func NewBook(rows Rows) *Book {
	b := &Book{}
	if len(rows.Rounds)+len(rows.Seats) > 0 {
		b.open()
	}
	for _, r := range rows.Rounds {
		b.rounds[r.ID] = &kept[Round]{before: r, now: r}
	}
	for _, s := range rows.Seats {
		b.seats[s.ID] = &kept[Seat]{before: s, now: s}
	}
	return b
}

// open makes room for rows. Most groups need none.
func (b *Book) open() {
	if b.rounds == nil {
		b.rounds, b.seats = map[RoundID]*kept[Round]{}, map[SeatID]*kept[Seat]{}
	}
}

// RoundsOf are the rounds of a dispute, the first one first.
func (b *Book) RoundsOf(of dispute.ID) []Round {
	var list []Round
	for _, row := range b.rounds {
		if row.now.Dispute == of {
			list = append(list, row.now)
		}
	}
	slices.SortFunc(list, func(x, y Round) int { return cmp.Compare(x.Number, y.Number) })
	return list
}

// SeatsOf are the seats of a round, in the order of the draw.
func (b *Book) SeatsOf(round RoundID) []Seat {
	var list []Seat
	for _, of := range b.seats {
		if of.now.Round == round {
			list = append(list, of.now)
		}
	}
	slices.SortFunc(list, func(x, y Seat) int { return cmp.Compare(x.Number, y.Number) })
	return list
}

// SeatOf is the seat of an agent in a round, and whether it has one.
func (b *Book) SeatOf(round RoundID, juror did.DID) (Seat, bool) {
	for _, of := range b.seats {
		if of.now.Round == round && of.now.Juror == juror {
			return of.now, true
		}
	}
	return Seat{}, false
}

// Add takes a new round in, with its seats and the steps that it took at once.
func (b *Book) Add(r Round, seats []Seat, steps []Step) {
	b.open()
	add(b, b.rounds, r.ID, r)
	for _, s := range seats {
		add(b, b.seats, s.ID, s)
	}
	b.step(steps...)
}

func add[ID, Row comparable](b *Book, rows map[ID]*kept[Row], id ID, row Row) {
	rows[id] = &kept[Row]{now: row, fresh: true}
	b.undo = append(b.undo, func() { delete(rows, id) })
}

// Change replaces a round by what it became in a step.
func (b *Book) Change(r Round, step Step) {
	change(b, b.rounds[r.ID], r)
	b.step(step)
}

// ChangeSeat replaces a seat.
func (b *Book) ChangeSeat(s Seat) { change(b, b.seats[s.ID], s) }

func change[Row comparable](b *Book, of *kept[Row], row Row) {
	before := of.now
	of.now = row
	b.undo = append(b.undo, func() { of.now = before })
}

func (b *Book) step(steps ...Step) {
	n := len(b.steps)
	b.steps = append(b.steps, steps...)
	b.undo = append(b.undo, func() { b.steps = b.steps[:n] })
}

// Mark is a point to which the book can be taken back.
func (b *Book) Mark() int { return len(b.undo) }

// Revert takes back what was done since the mark.
func (b *Book) Revert(mark int) {
	for i := len(b.undo) - 1; i >= mark; i-- {
		b.undo[i]()
	}
	b.undo = b.undo[:mark]
}

// Changed is what is to be written, in the order of the ids.
func (b *Book) Changed() Changes {
	c := Changes{Steps: b.steps}
	c.NewRounds, c.Rounds = changed(b.rounds, compareIDs[RoundID])
	c.NewSeats, c.Seats = changed(b.seats, compareIDs[SeatID])
	return c
}

func changed[ID, Row comparable](rows map[ID]*kept[Row], compare func(a, b ID) int) (fresh, altered []Row) {
	ids := make([]ID, 0, len(rows))
	for id := range rows {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, compare)
	for _, id := range ids {
		switch of := rows[id]; {
		case of.fresh:
			fresh = append(fresh, of.now)
		case of.now != of.before:
			altered = append(altered, of.now)
		}
	}
	return fresh, altered
}
