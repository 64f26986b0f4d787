package teg

import (
	"errors"

	"github.com/agentvault/teg-layer/governance/panel"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/staking"
)

// closeSeats gives free what is pinned for the seats of a round that has ended, takes
// from those who did not vote, and pays those who voted as the majority did. The seats
// are changed in place.
func (d *decision) closeSeats(round *panel.Round, seats []panel.Seat) error {
	var taken Amount
	coherent := 0
	for i := range seats {
		s := &seats[i]
		s.Open = false
		d.stakes.Unpin(staking.PoolID(s.Pool), s.Pinned)
		if d.rewards(round, s) {
			coherent++
		}
		if !round.Missing(s) {
			continue
		}
		if err := d.fine(round, s); err != nil {
			return err
		}
		var err error
		if taken, err = taken.Add(s.Penalty); err != nil {
			return err
		}
	}
	if err := d.payJurors(round, seats, panel.Share(taken, coherent), coherent); err != nil {
		return err
	}
	for i := range seats {
		d.panels.ChangeSeat(seats[i])
	}
	return nil
}

// rewards reports whether a juror is paid: it voted as the majority did, and is still
// somebody who can be.
func (d *decision) rewards(round *panel.Round, s *panel.Seat) bool {
	row := d.book.Account(s.Account)
	return round.Coherent(s) && row != nil && ledger.CanReceive(row, d.now) == nil
}

// fine takes the penalty for not voting out of a juror's own stake.
func (d *decision) fine(round *panel.Round, s *panel.Seat) error {
	taken, postings, err := d.stakes.Seize(staking.SeizeRule{
		Agent: s.Account, Sum: round.Penalty, To: d.book.Collectors().Treasury, Type: ledger.TypeSlash,
		Notes: ledger.Notes{Reason: "did not vote in a panel", ReferenceID: s.ID.String()},
	})
	if err != nil {
		return err
	}
	s.Penalty = taken
	return d.postAll(postings...)
}

// payJurors pays each who voted as the majority did its share of the penalties and,
// where the treasury has it for all of them, the reward.
func (d *decision) payJurors(round *panel.Round, seats []panel.Seat, share Amount, coherent int) error {
	if coherent == 0 {
		return nil
	}
	each, err := share.Add(round.Reward)
	if err != nil {
		return err
	}
	mark := d.mark()
	err = d.payEach(round, seats, each)
	var short *InsufficientBalanceError
	if errors.As(err, &short) && !round.Reward.IsZero() {
		d.revert(mark)
		err = d.payEach(round, seats, share)
	}
	return err
}

// payEach pays the same to each who voted as the majority did, or, where it fails,
// says of no seat that it was paid.
func (d *decision) payEach(round *panel.Round, seats []panel.Seat, each Amount) error {
	posted := len(d.posted)
	for i := range seats {
		s := &seats[i]
		if each.IsZero() || !d.rewards(round, s) {
			continue
		}
		if err := d.payJuror(s, each); err != nil {
			for j := range seats {
				seats[j].Reward = Amount{}
			}
			d.posted = d.posted[:posted]
			return err
		}
	}
	return nil
}

func (d *decision) payJuror(s *panel.Seat, sum Amount) error {
	legs, err := d.payFromTreasury(sum)
	if err != nil {
		return err
	}
	s.Reward = sum
	_, err = d.post(ledger.Posting{
		Type: ledger.TypeGrant, Sender: d.treasuryRow(0), Receiver: s.Account, Amount: sum,
		Legs:  append(legs, ledger.Leg{Account: s.Account, Amount: sum.Signed()}),
		Notes: ledger.Notes{Reason: "voted with the majority of a panel", ReferenceID: s.ID.String()},
	})
	return err
}
