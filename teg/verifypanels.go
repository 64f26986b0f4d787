package teg

import (
	"encoding/hex"
	"math/bits"
	"slices"
	"strings"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/governance/panel"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// panels checks that each round stands where its history ends, which has only steps
// that there are, that its seats went to those whom its seed draws, that votes fit
// their commitments and make the ruling, and that stake is pinned for open seats alone.
// What histories, votes, penalties and rewards say is compared with the log, and the
// money with the transactions.
func (v *verification) panels() error {
	var fault error
	err := walk(func(after panel.RoundID) ([]panel.Round, error) {
		if fault != nil {
			return nil, fault
		}
		return v.engine.reader().AuditRounds(v.ctx, after, auditPage)
	}, func(r *panel.Round) panel.RoundID {
		if fault == nil {
			fault = v.round(r)
		}
		return r.ID
	})
	return check(err, fault)
}

// round checks a round by rows that are read after it. Where it went on meanwhile, it
// is left for a quieter moment.
func (v *verification) round(r *panel.Round) error {
	rows, err := v.engine.reader().PanelRows(v.ctx, r.Dispute)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(rows.Rounds, func(now panel.Round) bool { return now.ID == r.ID })
	if at < 0 {
		v.find("panels", r.ID.String(), "was there and is not")
		return nil
	}
	now := &rows.Rounds[at]
	now.Roll = r.Roll
	steps, err := v.engine.reader().PanelSteps(v.ctx, r.ID)
	if err != nil {
		return err
	}
	if now.Steps == int64(len(steps)) {
		v.roundHistory(now, steps)
	} else if now.Steps > int64(len(steps)) {
		v.find("panels", r.ID.String(), "counts %d steps of %d", now.Steps, len(steps))
	}
	seats := seatsIn(rows.Seats, r.ID)
	v.draw(now, seats)
	v.seats(now, seats)
	return v.guard(now)
}

// guard checks that a round changes under the lock of its dispute's claimant.
func (v *verification) guard(r *panel.Round) error {
	of, _, err := v.engine.reader().Disputes(v.ctx, dispute.Query{IDs: []DisputeID{r.Dispute}, Limit: 1})
	if err != nil {
		return err
	}
	if len(of) == 0 || v.another(r.Guard, of[0].Claimant) {
		v.find("panels", r.ID.String(), "is not guarded by the claimant of its dispute")
	}
	return nil
}

// another reports whether a row is not an agent's. What was made since the rows were
// read is not known.
func (v *verification) another(row ledger.AccountID, agent DID) bool {
	owner, known := v.agents[row]
	return known && owner != agent || !known && slices.ContainsFunc(v.rows, func(a ledger.Account) bool { return a.Owner == agent })
}

func (v *verification) roundHistory(r *panel.Round, steps []panel.Step) {
	state := panel.State(0)
	for i := range steps {
		s := &steps[i]
		if s.Seq != int64(i+1) || i == 0 && s.State != panel.Drawn || i > 0 && !state.CanBecome(s.State) {
			v.find("panels", r.ID.String(), "step %d goes from %s to %s", s.Seq, state, s.State)
		}
		if state = s.State; i > 0 { // the draw and what follows from it have one event
			v.judged.kept.add(roundSum(r.ID.String(), r.Dispute.String(), s.State.String(), s.By.String(), s.At.UTC().Format(TimeFormat)))
		}
	}
	if r.State != state || r.State.Open() == r.Deadline.IsZero() {
		v.find("panels", r.ID.String(), "is %s, its history says %s", r.State, state)
	}
	v.roundTimes(r, steps)
}

// roundTimes checks when a round was drawn, goes on, and has changed. Until when its
// members could commit is compared with the log while they can; when they could reveal,
// for ever.
func (v *verification) roundTimes(r *panel.Round, steps []panel.Step) {
	if len(steps) < 2 || !r.DrawnAt.Equal(steps[0].At) || !r.DrawnAt.Equal(steps[1].At) || !r.UpdatedAt.Equal(steps[len(steps)-1].At) {
		v.find("panels", r.ID.String(), "was drawn at %s and has changed at %s, its history says otherwise", r.DrawnAt, r.UpdatedAt)
	}
	if r.State == panel.Committing {
		v.committing[r.ID.String()] = untilText(r.Deadline)
	}
	for i := range steps {
		if steps[i].State != panel.Revealing {
			continue
		}
		until := steps[i].At.Add(r.RevealWindow)
		if r.State == panel.Revealing && untilText(r.Deadline) != untilText(until) {
			v.find("panels", r.ID.String(), "can be revealed until %s, its window ends at %s", r.Deadline, until)
		}
		v.judged.kept.add(sumOf("until", r.ID.String(), untilText(until)))
	}
}

func roundSum(id, of, state, by, at string) ledger.ID { return sumOf("round", id, of, state, by, at) }

// draw draws the round again.
func (v *verification) draw(r *panel.Round, seats []panel.Seat) {
	v.judged.kept.add(sumOf("object", r.ID.String(), string(drawObject(r, seats))))
	roll, err := panel.ParseRoll(r.Roll)
	var secret, event [32]byte
	if err != nil || !fromHex(&secret, r.Secret) || !fromHex(&event, r.Event) {
		v.find("panels", r.ID.String(), "cannot be drawn again: its roll, secret or event cannot be read")
		return
	}
	seed := panel.Seed(secret, r.Dispute.String(), r.Number, event, r.Roll)
	if hex.EncodeToString(seed[:]) != r.Seed {
		v.find("panels", r.ID.String(), "has another seed than its secret, event and roll make")
	}
	passed := strings.Fields(r.Passed)
	next := 0
	for _, c := range panel.Draw(seed, roll, spares*r.Size) {
		switch {
		case next < len(seats) && seats[next].Juror == c.Juror && seats[next].Weight == c.Weight && seats[next].Number == next+1:
			next++
		case next < r.Size && !slices.Contains(passed, c.Juror.String()) && len(seats) > 0:
			v.find("panels", r.ID.String(), "passed %s over, which was drawn", c.Juror)
		}
	}
	if next != len(seats) {
		v.find("panels", r.ID.String(), "has a juror in seat %d that its seed does not draw there", next+1)
	}
}

func fromHex(to *[32]byte, text string) bool {
	n, err := hex.Decode(to[:], []byte(text[:min(len(text), 2*len(to))]))
	return err == nil && n == len(to)
}

// seats checks what the members of a round did.
func (v *verification) seats(r *panel.Round, seats []panel.Seat) {
	for i := range seats {
		v.seat(r, &seats[i])
	}
	if choice, found := panel.Majority(seats); r.State == panel.Ruled && (!found || choice != r.Choice) {
		v.find("panels", r.ID.String(), "ruled %s, its votes say %s", r.Choice, choice)
	}
	if told := closeObject(seats); !r.State.Open() && told != nil {
		v.judged.kept.add(sumOf("object", r.ID.String(), string(told)))
	}
}

func (v *verification) seat(r *panel.Round, s *panel.Seat) {
	where := s.ID.String()
	if v.another(s.Account, s.Juror) {
		v.find("panels", where, "has another's account than its juror's")
	}
	if s.Open != r.State.Open() {
		v.find("panels", where, "is open: %t, in a round that is %s", s.Open, r.State)
	}
	if s.Open {
		pool := staking.PoolID(s.Pool)
		v.pinned[pool], _ = v.pinned[pool].Add(s.Pinned)
	}
	if s.Commitment != "" {
		v.judged.kept.add(voteSum(store.VerbCommitVote, r.ID.String(), s.Juror.String(), s.Commitment, "", s.CommittedAt.UTC().Format(TimeFormat)))
	}
	if s.Choice.Valid() {
		if panel.Commitment(r.Dispute.String(), r.Number, s.Juror, s.Choice, s.Salt) != s.Commitment {
			v.find("panels", where, "has a vote that does not fit its commitment")
		}
		v.judged.kept.add(voteSum(store.VerbRevealVote, r.ID.String(), s.Juror.String(), s.Salt, s.Choice.String(), s.RevealedAt.UTC().Format(TimeFormat)))
	}
	if !s.Penalty.IsZero() && !r.Missing(s) || !s.Reward.IsZero() && !r.Coherent(s) || r.Penalty.Less(s.Penalty) {
		v.find("panels", where, "was fined %s AVT and paid %s, which it did not earn", s.Penalty, s.Reward)
	}
	v.jurors.kept.weigh(sumOf(where, ledger.TypeSlash.String()), s.Penalty)
	v.jurors.kept.weigh(sumOf(where, ledger.TypeGrant.String()), s.Reward)
}

func voteSum(verb store.Verb, round, juror, value, choice, at string) ledger.ID {
	return sumOf(verb.String(), round, juror, value, choice, at)
}

// tellPanel takes in what an event tells of a panel.
func (v *verification) tellPanel(a *toldAct) {
	switch a.Action {
	case store.VerbDrawPanel.String(), store.VerbAdvancePanel.String():
		if until, read := v.committing[a.Reference]; read && a.Action == store.VerbDrawPanel.String() && until != a.Until {
			v.find("panels", a.Reference, "takes commitments until %s, the log says until %s", until, a.Until)
		}
		if a.Status == panel.Revealing.String() {
			v.judged.told.add(sumOf("until", a.Reference, a.Until))
		}
		v.judged.told.add(roundSum(a.Reference, a.ReferenceID, a.Status, a.Actor, a.At))
		if len(a.Panel) > 0 {
			v.judged.told.add(sumOf("object", a.Reference, string(a.Panel)))
		}
	case store.VerbCommitVote.String():
		v.judged.told.add(voteSum(store.VerbCommitVote, a.Reference, a.Actor, a.Value, "", a.At))
	case store.VerbRevealVote.String():
		v.judged.told.add(voteSum(store.VerbRevealVote, a.Reference, a.Actor, a.Value, a.Status, a.At))
	}
}

// jurorMoney takes in what was taken from, or paid to, a seat.
func (v *verification) jurorMoney(tx *ledger.Transaction) {
	if (tx.Type == ledger.TypeSlash || tx.Type == ledger.TypeGrant) && strings.HasPrefix(tx.Notes.ReferenceID, "seat_") {
		v.jurors.told.weigh(sumOf(tx.Notes.ReferenceID, tx.Type.String()), tx.Amount)
	}
}

// weigh adds an id as often as there are units in an amount, so that several payments
// are the same as one of their sum.
func (s *sum) weigh(id ledger.ID, a Amount) {
	high, low := a.Parts()
	var once sum
	once.add(id)
	for i := range s {
		s[i] += once[i]*low + bits.RotateLeft64(once[i], 31)*high
	}
}
