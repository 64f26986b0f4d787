package teg

import (
	"context"
	"slices"
	"strings"

	"github.com/agentvault/teg-layer/governance/panel"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
)

// DisputePanel is all that became of a dispute's panel: its rounds, the first one
// first.
type DisputePanel struct {
	Dispute DisputeID
	Rounds  []SeatedRound
}

// SeatedRound is a round with its seats and its history.
type SeatedRound struct {
	PanelRound
	Seats   []PanelSeat // in the order of the draw
	History []PanelStep
}

// Panel returns the panel of a dispute, without rounds where none was drawn. What
// members chose is left out until their round has ended: nobody is to wait with its own
// vote for those of others.
func (e *Engine) Panel(ctx context.Context, id DisputeID) (DisputePanel, error) {
	rows, err := e.reader().PanelRows(ctx, id)
	if err != nil {
		return DisputePanel{}, outward(err)
	}
	rolls, err := e.reader().PanelRolls(ctx, id)
	if err != nil {
		return DisputePanel{}, outward(err)
	}
	found := DisputePanel{Dispute: id}
	for _, round := range rows.Rounds {
		round.Roll = rolls[round.ID]
		steps, err := e.reader().PanelSteps(ctx, round.ID)
		if err != nil {
			return DisputePanel{}, outward(err)
		}
		steps = steps[:min(int(round.Steps), len(steps))] // it may have grown since
		seats := seatsIn(rows.Seats, round.ID)
		for i := range seats {
			seats[i] = veiled(seats[i], &round)
		}
		found.Rounds = append(found.Rounds, SeatedRound{PanelRound: round, Seats: seats, History: steps})
	}
	return found, nil
}

// veiled leaves out what a member chose while others may still vote.
func veiled(s PanelSeat, r *PanelRound) PanelSeat {
	if r.State.Open() {
		s.Choice, s.Salt = 0, ""
	}
	return s
}

// SitsOn reports whether an agent has or had a seat in the panel of a dispute, and may
// therefore read it.
func (e *Engine) SitsOn(ctx context.Context, id DisputeID, agent DID) (bool, error) {
	rows, err := e.reader().PanelRows(ctx, id)
	sits := slices.ContainsFunc(rows.Seats, func(s panel.Seat) bool { return s.Juror == agent })
	return sits, outward(err)
}

// SeatsQuery selects the seats that an agent has in panels, or had, newest first.
type SeatsQuery struct {
	Juror    DID
	OpenOnly bool // of rounds that have not ended

	Limit  int    // 1 to [MaxLimit]; zero means [DefaultLimit]
	Offset int64  // not together with Cursor
	Cursor string // NextCursor of the page before
	Total  bool   // count also with a cursor
}

// SeatsPage is a page of seats.
type SeatsPage struct {
	Seats       []TakenSeat
	Total       int64 // −1 where it was not counted
	TotalCapped bool  // there are more matches than Total, which is [CountLimit]
	NextCursor  string
}

// TakenSeat is a seat with its round, but for the round's roll.
type TakenSeat struct {
	PanelSeat
	In PanelRound
}

// Seats returns a page of the seats of an agent. What it chose itself is in it.
func (e *Engine) Seats(ctx context.Context, q SeatsQuery) (SeatsPage, error) {
	open := ""
	if q.OpenOnly {
		open = "open"
	}
	scope := newCursorScope("seats", q.Juror.String(), open)
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(scope)
	if err != nil {
		return SeatsPage{}, err
	}
	seats, counted, err := e.reader().SeatsOf(ctx, panel.SeatQuery{
		Juror: q.Juror, OpenOnly: q.OpenOnly, After: panel.SeatID(at.id), Offset: q.Offset, Limit: page.limit + 1, Count: page.count(),
	})
	if err != nil {
		return SeatsPage{}, outward(err)
	}
	var result SeatsPage
	result.Total, result.TotalCapped = page.shown(counted, true)
	seats, more := cut(&page, seats)
	if more {
		result.NextCursor = scope.cursor(place{id: ledger.ID(seats[len(seats)-1].ID)})
	}
	result.Seats, err = e.takenSeats(ctx, seats)
	return result, err
}

// takenSeats adds the rounds to seats.
func (e *Engine) takenSeats(ctx context.Context, seats []panel.Seat) ([]TakenSeat, error) {
	ids := make([]DisputeID, len(seats))
	for i := range seats {
		ids[i] = seats[i].Dispute
	}
	ids = distinctBy(ids, compareIDs[DisputeID])
	rows, err := e.reader().PanelRows(ctx, ids...)
	if err != nil {
		return nil, outward(err)
	}
	rounds := make(map[panel.RoundID]panel.Round, len(rows.Rounds))
	for _, r := range rows.Rounds {
		rounds[r.ID] = r
	}
	taken := make([]TakenSeat, len(seats))
	for i := range seats {
		taken[i] = TakenSeat{seats[i], rounds[seats[i].Round]}
	}
	return taken, nil
}

// PassedOver are those who were drawn for a round and could not take a seat.
func PassedOver(r *PanelRound) []DID {
	var list []DID
	for _, name := range strings.Fields(r.Passed) {
		if id, err := did.Parse(name); err == nil {
			list = append(list, id)
		}
	}
	return list
}
