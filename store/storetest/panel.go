package storetest

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/governance/panel"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// panelTests are those of the panels that judge disputes.
var panelTests = map[string]func(*testing.T, *bench){
	"panels and their histories are read back":     testPanels,
	"a dispute has one round of a number":          testOneRound,
	"the history of a panel never changes":         testPanelHistory,
	"panels have bounds in the database":           testPanelBounds,
	"seats are found by who has them":              testSeats,
	"who can be a juror is found":                  testCandidates,
	"of what was not judged nothing is ever there": testNoPanels,
	"rounds that have not ended are found, by id":  testOpenRounds,
}

// round is one with everything in it.
func (b *bench) round(id byte) (panel.Round, []panel.Step) {
	terms := panel.DefaultTerms()
	return panel.Round{
		ID: panel.RoundID{id}, Dispute: dispute.ID{id}, Number: 1, Guard: b.alice.ID, Secret: strings.Repeat("a", 64), Position: 17,
		Event: strings.Repeat("b", 64), Seed: strings.Repeat("c", 64), Roll: "did:test:bob 20\n", Passed: "did:test:x did:test:y",
	}.Start(&terms, terms.Seats, b.bob.Owner, b.now)
}

func (b *bench) seat(round panel.Round, number byte) panel.Seat {
	return panel.Seat{
		ID: panel.SeatID{round.ID[0], number}, Round: round.ID, Dispute: round.Dispute, Number: int(number), Juror: did.MustParse("did:test:juror" + string('a'+rune(number))),
		Account: ledger.AccountID(number), Pool: ledger.ID{9, number}, Pinned: avt("5"), Weight: avt("20.000000000000000001"), Open: true,
	}
}

// bare are rounds as they are read without their rolls.
func bare(rounds ...panel.Round) []panel.Round {
	for i := range rounds {
		rounds[i].Roll = ""
	}
	return rounds
}

func (b *bench) writePanel(t *testing.T, c panel.Changes) {
	t.Helper()
	tx, _ := b.begin(t, store.Need{})
	require.NoError(t, tx.Commit(background(), &store.Changes{Panels: c}))
}

func testPanels(t *testing.T, b *bench) {
	round, steps := b.round(1)
	seats := []panel.Seat{b.seat(round, 1), b.seat(round, 2)}
	b.writePanel(t, panel.Changes{NewRounds: []panel.Round{round}, NewSeats: seats, Steps: steps})
	rows, err := b.reader.PanelRows(background(), round.Dispute, dispute.ID{99})
	require.NoError(t, err)
	require.Equal(t, panel.Rows{Rounds: bare(round), Seats: seats}, rows)
	rolls, err := b.reader.PanelRolls(background(), round.Dispute)
	require.NoError(t, err)
	require.NotEmpty(t, round.Roll)
	require.Equal(t, map[panel.RoundID]string{round.ID: round.Roll}, rolls)

	tx, loaded := b.begin(t, store.Need{Accounts: []ledger.AccountID{b.alice.ID}, Panels: []dispute.ID{round.Dispute, {99}}})
	require.Equal(t, []panel.Round{round}, loaded.Panels.Rounds)
	require.ElementsMatch(t, seats, loaded.Panels.Seats)
	seats[0].Commitment, seats[0].CommittedAt = strings.Repeat("d", 64), b.now.Add(time.Minute)
	seats[0].Choice, seats[0].Salt, seats[0].RevealedAt = panel.Split, "salt 💬", b.now.Add(time.Hour)
	seats[1].Open, seats[1].Penalty = false, avt("1")
	ended, step, due := round.Next(seats, b.bob.Owner, round.Deadline)
	require.True(t, due)
	require.NoError(t, tx.Commit(background(), &store.Changes{Panels: panel.Changes{Rounds: []panel.Round{ended}, Seats: seats, Steps: []panel.Step{step}}}))
	rows, err = b.reader.PanelRows(background(), round.Dispute)
	require.NoError(t, err)
	require.Equal(t, panel.Rows{Rounds: bare(ended), Seats: seats}, rows)
	kept, err := b.reader.PanelSteps(background(), round.ID)
	require.NoError(t, err)
	require.Equal(t, append(steps, step), kept)
	audited, err := b.reader.AuditRounds(background(), panel.RoundID{}, 5)
	require.NoError(t, err)
	require.Equal(t, []panel.Round{ended}, audited)

	absent, _ := b.round(9)
	tx, _ = b.begin(t, store.Need{})
	require.Error(t, tx.Commit(background(), &store.Changes{Panels: panel.Changes{Rounds: []panel.Round{absent}}}), "what is not there does not change")
}

func testOneRound(t *testing.T, b *bench) {
	round, _ := b.round(1)
	b.writePanel(t, panel.Changes{NewRounds: []panel.Round{round}, NewSeats: []panel.Seat{b.seat(round, 1)}})
	twin, again := round, b.seat(round, 1)
	twin.ID, again.ID, again.Number = panel.RoundID{2}, panel.SeatID{2}, 2
	tx, _ := b.begin(t, store.Need{})
	require.ErrorIs(t, tx.Commit(background(), &store.Changes{Panels: panel.Changes{NewRounds: []panel.Round{twin}}}), store.ErrConflict)
	tx, _ = b.begin(t, store.Need{})
	require.ErrorIs(t, tx.Commit(background(), &store.Changes{Panels: panel.Changes{NewSeats: []panel.Seat{again}}}), store.ErrConflict, "nobody sits twice")
	twin.Number = 2
	b.writePanel(t, panel.Changes{NewRounds: []panel.Round{twin}})
	rows, err := b.reader.PanelRows(background(), round.Dispute)
	require.NoError(t, err)
	require.Equal(t, bare(round, twin), rows.Rounds)
}

func testPanelHistory(t *testing.T, b *bench) {
	round, steps := b.round(1)
	b.writePanel(t, panel.Changes{NewRounds: []panel.Round{round}, Steps: steps})
	for _, statement := range []string{"UPDATE panel_history SET state = state", "DELETE FROM panel_history"} {
		_, err := handleOf(t, b.store).ExecContext(background(), statement)
		require.ErrorContains(t, err, "append-only", statement)
	}
}

func testPanelBounds(t *testing.T, b *bench) {
	for name, spoil := range map[string]func(*panel.Round, *panel.Seat){
		"a number":                    func(r *panel.Round, _ *panel.Seat) { r.Number = 3 },
		"a seed":                      func(r *panel.Round, _ *panel.Seat) { r.Seed = "c" },
		"an even size":                func(r *panel.Round, _ *panel.Seat) { r.Size = 4 },
		"no deadline":                 func(r *panel.Round, _ *panel.Seat) { r.Deadline = time.Time{} },
		"a choice that nobody made":   func(r *panel.Round, _ *panel.Seat) { r.Choice = panel.Split },
		"nothing pinned":              func(_ *panel.Round, s *panel.Seat) { s.Pinned = avt("0") },
		"more taken than is pinned":   func(_ *panel.Round, s *panel.Seat) { s.Open, s.Penalty = false, avt("6") },
		"taken and still pinned":      func(_ *panel.Round, s *panel.Seat) { s.Penalty = avt("1") },
		"a vote without a commitment": func(_ *panel.Round, s *panel.Seat) { s.Choice, s.RevealedAt = panel.Split, b.now },
		"a commitment without a time": func(_ *panel.Round, s *panel.Seat) { s.Commitment = strings.Repeat("d", 64) },
	} {
		round, _ := b.round(1)
		seat := b.seat(round, 1)
		spoil(&round, &seat)
		tx, _ := b.begin(t, store.Need{})
		require.Error(t, tx.Commit(background(), &store.Changes{Panels: panel.Changes{NewRounds: []panel.Round{round}, NewSeats: []panel.Seat{seat}}}), name)
	}
}

func testSeats(t *testing.T, b *bench) {
	var seats []panel.Seat
	for i := range byte(4) {
		round, _ := b.round(i + 1)
		seat := b.seat(round, 1)
		seat.Open = i%2 == 0
		seats = append(seats, seat)
		b.writePanel(t, panel.Changes{NewRounds: []panel.Round{round}, NewSeats: []panel.Seat{seat}})
	}
	for name, c := range map[string]struct {
		query panel.SeatQuery
		want  []int
		total int64
	}{
		"all":        {panel.SeatQuery{}, []int{3, 2, 1, 0}, 4},
		"open":       {panel.SeatQuery{OpenOnly: true}, []int{2, 0}, 2},
		"after one":  {panel.SeatQuery{After: seats[2].ID}, []int{1, 0}, 4},
		"beyond one": {panel.SeatQuery{Offset: 1}, []int{2, 1, 0}, 4},
		"of nobody":  {panel.SeatQuery{Juror: b.alice.Owner}, nil, 0},
	} {
		c.query.Limit, c.query.Count = 9, 9
		if c.query.Juror.IsZero() {
			c.query.Juror = seats[0].Juror
		}
		page, total, err := b.reader.SeatsOf(background(), c.query)
		require.NoError(t, err)
		var want []panel.Seat
		for _, i := range c.want {
			want = append(want, seats[i])
		}
		require.Equal(t, want, page, name)
		require.Equal(t, c.total, total, name)
	}
}

// staker is an agent with stakes of its own: so much from before the bench's time, and
// so much from after it.
func (b *bench) staker(t *testing.T, name string, early, late int, score int) ledger.Account {
	t.Helper()
	row, _ := b.register(t, name)
	units := func(avt int) staking.Number { // shares are as many as units
		if avt == 0 {
			return staking.Number{}
		}
		return parsed(strconv.Itoa(avt) + strings.Repeat("0", 18))
	}
	pool := b.pool(filler{}, row, staking.SelfPool)
	pool.Tokens, pool.Shares = avt(strconv.Itoa(early+late)), units(early+late)
	first, second := b.stake(filler{}, row, pool), b.stake(filler{}, row, pool)
	first.Shares, first.StakedAt = units(early), b.now.Add(-time.Hour)
	second.Shares, second.StakedAt = units(late), b.now
	b.keep(t, staking.Changes{NewPools: []staking.Pool{pool}, NewStakes: []staking.Stake{first, second}})
	tx, _ := b.begin(t, store.Need{Reputation: reputation.Need{Agents: []ledger.AccountID{row.ID}}})
	require.NoError(t, tx.Commit(background(), &store.Changes{Reputation: reputation.Changes{Scores: []reputation.Score{{Agent: row.ID, Value: score}}}}))
	return row
}

// standing changes what of an agent decides whether it can be a juror.
func (b *bench) standing(t *testing.T, statement string, args ...any) {
	t.Helper()
	_, err := handleOf(t, b.store).ExecContext(background(), statement, args...)
	require.NoError(t, err)
}

func testCandidates(t *testing.T, b *bench) {
	small, large := b.staker(t, "did:test:small", 10, 0, 100), b.staker(t, "did:test:large", 40, 999, 100)
	b.staker(t, "did:test:new", 5, 1000, 100)
	b.staker(t, "did:test:notrust", 50, 0, 99)
	b.staker(t, "did:test:self", 50, 0, 100)
	suspended, gone := b.staker(t, "did:test:suspended", 50, 0, 100), b.staker(t, "did:test:gone", 50, 0, 100)
	back := b.staker(t, "did:test:back", 20, 0, 1000)
	b.standing(t, `UPDATE agent_teg_profiles SET origin = 3 WHERE did = 'did:test:self'`)
	b.standing(t, `UPDATE accounts SET status = 2 WHERE id = ?`, suspended.ID)
	b.standing(t, `UPDATE accounts SET status = 3 WHERE id = ?`, gone.ID)
	row := back
	row.Status, row.SuspendedUntil = ledger.Suspended, b.now.Add(-time.Minute)
	tx, _ := b.begin(t, store.Need{Accounts: []ledger.AccountID{back.ID}})
	require.NoError(t, tx.Commit(background(), &store.Changes{Altered: []*ledger.Account{&row}}))

	query := panel.CandidateQuery{Now: b.now, StakedBefore: b.now, MinReputation: 100, MinStake: avt("10"), Limit: 100}
	found, err := b.reader.Candidates(background(), query)
	require.NoError(t, err)
	require.Equal(t, []panel.Candidate{
		{Juror: large.Owner, Account: large.ID, Weight: avt("40")}, {Juror: back.Owner, Account: back.ID, Weight: avt("20")},
		{Juror: small.Owner, Account: small.ID, Weight: avt("10")},
	}, found, "what was staked afterwards does not count")
	query.MinStake = avt("10.000000000000000001")
	found, err = b.reader.Candidates(background(), query)
	require.NoError(t, err)
	require.Len(t, found, 2)
	for i := range 3 {
		b.staker(t, "did:test:late"+strconv.Itoa(i), 0, 5000, 100)
	}
	for limit := 1; limit <= 3; limit++ {
		query.Limit = limit
		found, err = b.reader.Candidates(background(), query)
		require.NoError(t, err)
		require.Len(t, found, min(limit, 2), "who staked afterwards keeps nobody out")
		require.Equal(t, large.Owner, found[0].Juror)
	}
	query.MinFree = avt("20.000000000000000001")
	found, err = b.reader.Candidates(background(), query)
	require.NoError(t, err)
	require.Len(t, found, 1, "of the other too much would be pinned")
}

func testNoPanels(t *testing.T, b *bench) {
	rows, err := b.reader.PanelRows(background(), dispute.ID{1})
	require.NoError(t, err)
	require.Empty(t, rows)
	rows, err = b.reader.PanelRows(background())
	require.NoError(t, err)
	require.Empty(t, rows)
	steps, err := b.reader.PanelSteps(background(), panel.RoundID{1})
	require.NoError(t, err)
	require.Empty(t, steps)
	candidates, err := b.reader.Candidates(background(), panel.CandidateQuery{Now: b.now, Limit: 9})
	require.NoError(t, err)
	require.Empty(t, candidates)
}

func testOpenRounds(t *testing.T, b *bench) {
	var open []panel.Round
	for i := range byte(4) {
		round, _ := b.round(i + 1)
		if i == 1 {
			round, _, _ = round.Drop(b.bob.Owner, b.now)
		} else {
			open = append(open, round)
		}
		b.writePanel(t, panel.Changes{NewRounds: []panel.Round{round}})
	}
	found, err := b.reader.OpenRounds(background(), panel.RoundID{}, 2)
	require.NoError(t, err)
	require.Equal(t, bare(open[:2]...), found)
	found, err = b.reader.OpenRounds(background(), found[1].ID, 2)
	require.NoError(t, err)
	require.Equal(t, bare(open[2:]...), found)
}
