package panel

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

var (
	began  = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	system = did.MustParse("did:test:system")
	salt   = strings.Repeat("s", MinSalt)
)

// The state table over all pairs.
func TestStates(t *testing.T) {
	allowed := map[[2]State]bool{
		{Drawn, Committing}: true, {Drawn, Failed}: true,
		{Committing, Revealing}: true, {Committing, Redrawn}: true, {Committing, Failed}: true, {Committing, Dropped}: true,
		{Revealing, Ruled}: true, {Revealing, Redrawn}: true, {Revealing, Failed}: true, {Revealing, Dropped}: true,
	}
	for from := State(0); from <= Dropped+1; from++ {
		for to := State(0); to <= Dropped+1; to++ {
			require.Equal(t, allowed[[2]State{from, to}], from.CanBecome(to), "%s → %s", from, to)
		}
		text, err := from.MarshalText()
		require.Equal(t, from.Valid(), err == nil)
		require.Equal(t, from.Valid(), string(text) == from.String())
		require.Equal(t, from == Drawn || from == Committing || from == Revealing, from.Open())
	}
}

func TestChoices(t *testing.T) {
	for c := Choice(0); c <= Split+1; c++ {
		read, err := ParseChoice(c.String())
		require.Equal(t, c.Valid(), err == nil)
		if c.Valid() {
			require.Equal(t, c, read)
		}
	}
	var c Choice
	require.NoError(t, c.UnmarshalText([]byte("RESOLVED_SPLIT")))
	require.Equal(t, Split, c)
	require.ErrorIs(t, c.UnmarshalText([]byte("REJECTED")), ledger.ErrInvalidInput)
}

func TestTerms(t *testing.T) {
	sound := DefaultTerms()
	require.NoError(t, sound.Check())
	for name, spoil := range map[string]func(*Terms){
		"no seats": func(x *Terms) { x.Seats = 0 }, "even": func(x *Terms) { x.Seats = 4 }, "too many": func(x *Terms) { x.Seats = 23 },
		"no time": func(x *Terms) { x.CommitWindow = 0 }, "for ever": func(x *Terms) { x.RevealWindow = MaxWindow + 1 },
		"impossible reputation": func(x *Terms) { x.MinReputation = 1001 }, "nothing pinned": func(x *Terms) { x.SeatStake = amount.Amount{} },
		"less than is pinned": func(x *Terms) { x.MinStake = amount.MustParse("4") }, "more than is pinned": func(x *Terms) { x.Penalty = amount.MustParse("6") },
	} {
		terms := DefaultTerms()
		spoil(&terms)
		require.ErrorIs(t, terms.Check(), ledger.ErrInvalidInput, name)
	}
}

// started is a round with so many seats, all of them taken.
func started(t require.TestingT, number, seats int) (Round, []Seat) {
	terms := DefaultTerms()
	terms.Seats = seats
	round, steps := Round{ID: RoundID{byte(number)}, Dispute: dispute.ID{7}, Number: number}.Start(&terms, seats, system, began)
	require.Equal(t, []State{Drawn, Committing}, []State{steps[0].State, steps[1].State})
	require.Equal(t, began.Add(terms.CommitWindow), round.Deadline)
	list := make([]Seat, seats)
	for i := range list {
		list[i] = Seat{ID: SeatID{byte(i + 1)}, Round: round.ID, Dispute: round.Dispute, Number: i + 1, Juror: agent(i), Open: true}
	}
	return round, list
}

func (r *Round) hash(s *Seat, c Choice) string {
	return Commitment(r.Dispute.String(), r.Number, s.Juror, c, salt)
}

func TestTooFewJurors(t *testing.T) {
	terms := DefaultTerms()
	round, steps := Round{Number: 1}.Start(&terms, 2, system, began)
	require.Equal(t, Failed, round.State)
	require.True(t, round.Deadline.IsZero())
	require.Equal(t, Failed, steps[1].State)
	require.EqualValues(t, 2, round.Steps)
}

func TestRoundIsRuled(t *testing.T) {
	round, seats := started(t, 1, 3)
	_, _, due := round.Next(seats, system, began.Add(time.Hour))
	require.False(t, due)
	for i, c := range []Choice{ForClaimant, Split, ForClaimant} {
		var again bool
		var err error
		seats[i], again, err = round.Commit(seats[i], round.hash(&seats[i], c), began.Add(time.Minute))
		require.NoError(t, err)
		require.False(t, again)
		_, again, err = round.Commit(seats[i], seats[i].Commitment, began.Add(time.Hour))
		require.NoError(t, err)
		require.True(t, again)
		_, _, err = round.Commit(seats[i], strings.Repeat("0", 64), began.Add(time.Hour))
		require.ErrorIs(t, err, ledger.ErrAlreadyExists)
		_, _, err = round.Reveal(seats[i], c, salt, began.Add(time.Hour))
		require.ErrorIs(t, err, ledger.ErrInvalidState, "others may still commit")
	}
	round, step, due := round.Next(seats, system, began.Add(time.Hour))
	require.True(t, due, "everybody has committed")
	require.Equal(t, Revealing, step.State)
	require.Equal(t, began.Add(time.Hour).Add(round.RevealWindow), round.Deadline)
	for i, c := range []Choice{ForClaimant, Split, ForClaimant} {
		_, _, err := round.Reveal(seats[i], ForDefendant, salt, began.Add(2*time.Hour))
		require.ErrorIs(t, err, ledger.ErrInvalidInput, "nobody can change its mind")
		revealed, _, err := round.Reveal(seats[i], c, salt, began.Add(2*time.Hour))
		require.NoError(t, err)
		_, again, err := round.Reveal(revealed, c, salt, began.Add(3*time.Hour))
		require.NoError(t, err)
		require.True(t, again)
		_, _, err = round.Reveal(revealed, Split, salt+"x", began.Add(3*time.Hour))
		require.ErrorIs(t, err, ledger.ErrAlreadyExists)
		seats[i] = revealed
	}
	round, step, due = round.Next(seats, system, began.Add(4*time.Hour))
	require.True(t, due)
	require.Equal(t, Ruled, round.State)
	require.Equal(t, ForClaimant, round.Choice)
	require.Equal(t, ForClaimant.String(), step.Note)
	require.Equal(t, []bool{true, false, true}, []bool{round.Coherent(&seats[0]), round.Coherent(&seats[1]), round.Coherent(&seats[2])})
	require.False(t, round.Missing(&seats[1]))
	_, _, due = round.Next(seats, system, began.Add(999*time.Hour))
	require.False(t, due, "an end")
	_, _, dropped := round.Drop(system, began)
	require.False(t, dropped)
}

// Nobody can hand in another's commitment and then say the same.
func TestCommitmentIsBound(t *testing.T) {
	round, seats := started(t, 1, 3)
	own := round.hash(&seats[0], Split)
	require.NoError(t, CheckCommitment(own))
	copied, _, err := round.Commit(seats[1], own, began)
	require.NoError(t, err)
	round.State, round.Deadline = Revealing, began.Add(time.Hour)
	_, _, err = round.Reveal(copied, Split, salt, began)
	require.ErrorIs(t, err, ledger.ErrInvalidInput)
	require.NotEqual(t, own, Commitment(round.Dispute.String(), 2, seats[0].Juror, Split, salt))
	require.NotEqual(t, own, Commitment("disp_other", 1, seats[0].Juror, Split, salt))
	for _, bad := range []string{"", strings.Repeat("A", 64), strings.Repeat("0", 63), strings.Repeat("g", 64)} {
		require.ErrorIs(t, CheckCommitment(bad), ledger.ErrInvalidInput, bad)
	}
	for bad, ok := range map[string]bool{salt: true, salt[1:]: false, salt + " ": false, salt + "é": false, strings.Repeat("x", MaxSalt): true, strings.Repeat("x", MaxSalt+1): false} {
		require.Equal(t, ok, CheckSalt(bad) == nil, bad)
	}
}

// Commitments and votes come too late at the very moment of the deadline, and nothing
// is to be revealed that was not handed in.
func TestDeadlines(t *testing.T) {
	round, seats := started(t, 1, 3)
	_, _, err := round.Commit(seats[0], round.hash(&seats[0], Split), round.Deadline)
	require.ErrorIs(t, err, ledger.ErrInvalidState)
	for i := range 2 {
		seats[i], _, err = round.Commit(seats[i], round.hash(&seats[i], Split), round.Deadline.Add(-1))
		require.NoError(t, err)
	}
	round, _, due := round.Next(seats, system, round.Deadline)
	require.True(t, due)
	require.Equal(t, Revealing, round.State)
	_, _, err = round.Reveal(seats[2], Split, salt, round.Deadline.Add(-1))
	require.ErrorIs(t, err, ledger.ErrInvalidState)
	_, _, err = round.Reveal(seats[0], Split, salt, round.Deadline)
	require.ErrorIs(t, err, ledger.ErrInvalidState)
	round, step, due := round.Next(seats, system, round.Deadline)
	require.True(t, due)
	require.Equal(t, Redrawn, round.State)
	require.Equal(t, "too few have revealed", step.Note)
	require.True(t, round.Missing(&seats[0]))
}

// Whatever the members do, a round ends by its two deadlines, in a way that the table
// has, and with what the votes say.
func TestRoundsEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.IntRange(1, Rounds).Draw(t, "round")
		round, seats := started(t, number, 2*rapid.IntRange(0, 4).Draw(t, "pairs")+1)
		now := began
		for steps := 0; round.State.Open(); steps++ {
			require.Less(t, steps, 200)
			i := rapid.IntRange(0, len(seats)-1).Draw(t, "seat")
			choice := Choice(rapid.IntRange(1, 3).Draw(t, "choice"))
			if s, _, err := round.Commit(seats[i], round.hash(&seats[i], choice), now); err == nil {
				seats[i] = s
			}
			if s, _, err := round.Reveal(seats[i], choice, salt, now); err == nil {
				seats[i] = s
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 30).Draw(t, "hours")) * time.Hour)
			if rapid.IntRange(0, 40).Draw(t, "drop") == 0 {
				round, _, _ = round.Drop(system, now)
			}
			before := round
			next, step, due := round.Next(seats, system, now)
			require.False(t, !due && !before.Deadline.After(now) && before.State.Open(), "nothing happens at a deadline")
			if due {
				require.True(t, before.State.CanBecome(next.State))
				require.Equal(t, before.Steps+1, next.Steps)
				require.Equal(t, step.Seq, next.Steps)
				require.Equal(t, next.State.Open(), !next.Deadline.IsZero())
			}
			round = next
			if len(seats) == 0 || steps > 150 {
				now = now.Add(30 * 24 * time.Hour)
			}
		}
		choice, found := Majority(seats)
		_, revealed := counts(seats)
		switch round.State {
		case Ruled:
			require.True(t, found && choice == round.Choice && 2*revealed > round.Size)
		case Redrawn:
			require.Equal(t, 1, number)
		case Failed:
			require.Equal(t, Rounds, number)
		}
	})
}

// Who did all that it could is not missing, whatever the others did.
func TestWhoIsMissing(t *testing.T) {
	round, seats := started(t, 1, 3)
	var err error
	seats[0], _, err = round.Commit(seats[0], round.hash(&seats[0], Split), began)
	require.NoError(t, err)
	require.False(t, round.Missing(&seats[1]), "it still can")
	lapsed, _, due := round.Next(seats, system, round.Deadline)
	require.True(t, due)
	require.Equal(t, Redrawn, lapsed.State)
	require.Equal(t, []bool{false, true, true}, []bool{lapsed.Missing(&seats[0]), lapsed.Missing(&seats[1]), lapsed.Missing(&seats[2])},
		"nobody could reveal")
	dropped, _, _ := round.Drop(system, began)
	require.False(t, dropped.Missing(&seats[1]))
	seats[1], _, err = round.Commit(seats[1], round.hash(&seats[1], Split), began)
	require.NoError(t, err)
	revealing, _, _ := round.Next(seats, system, round.Deadline)
	lapsed, _, due = revealing.Next(seats, system, revealing.Deadline)
	require.True(t, due)
	require.True(t, lapsed.Missing(&seats[0]), "it has committed and did not reveal")
}

func TestShares(t *testing.T) {
	require.Equal(t, "0.333333333333333333", Share(amount.MustParse("1"), 3).String())
	require.True(t, Share(amount.MustParse("1"), 0).IsZero())
}

// What an operation did is taken back whole.
func TestBook(t *testing.T) {
	round, seats := started(t, 1, 3)
	b := NewBook(Rows{Rounds: []Round{round}, Seats: seats})
	mark := b.Mark()
	second, more := started(t, 2, 1)
	more[0].ID = SeatID{99}
	b.Add(second, more, []Step{{Round: second.ID, Seq: 1}})
	changed := seats[1]
	changed.Commitment = "x"
	b.ChangeSeat(changed)
	next, step, _ := round.Next(seats, system, round.Deadline)
	b.Change(next, step)
	require.Equal(t, []Round{next, second}, b.RoundsOf(round.Dispute))
	require.Equal(t, more, b.SeatsOf(second.ID))
	found, ok := b.SeatOf(round.ID, seats[1].Juror)
	require.True(t, ok)
	require.Equal(t, changed, found)
	_, ok = b.SeatOf(round.ID, system)
	require.False(t, ok)
	c := b.Changed()
	require.Equal(t, Changes{
		NewRounds: []Round{second}, Rounds: []Round{next}, NewSeats: more, Seats: []Seat{changed}, Steps: []Step{{Round: second.ID, Seq: 1}, step},
	}, c)
	b.Revert(mark)
	c = b.Changed()
	require.True(t, c.Empty())
	require.Equal(t, []Round{round}, b.RoundsOf(round.Dispute))
}
