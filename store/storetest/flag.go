package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

// flagTests are those of the auditor's flags and of readers of the log.
var flagTests = map[string]func(*testing.T, *bench){
	"flags and their histories are read back":       testFlags,
	"flags are found by what they say":              testFlagQueries,
	"flags are counted by what became of them":      testFlagTallies,
	"a finding has one flag":                        testOneFlag,
	"the history of a flag never changes":           testFlagHistory,
	"flags have bounds in the database":             testFlagBounds,
	"one process reads the log under a name":        testClaim,
	"a position in the log is found by its time":    testPositionAt,
	"of what was not flagged nothing is ever there": testNoFlags,
}

// flag is one with everything in it.
func (b *bench) flag(id byte) auditor.Flag {
	return auditor.Flag{
		ID: auditor.FlagID{id}, Agent: b.alice.Owner, Code: auditor.FanIn, Reason: "30 agents paid it within an hour", Severity: auditor.Medium,
		Status: auditor.FlagNew, Transactions: []ledger.TransactionID{{1, id}, {2, id}}, WindowStart: b.now.Add(-time.Hour).Truncate(time.Hour).Add(time.Duration(id) * time.Hour),
		Steps: 1, CreatedAt: b.now, UpdatedAt: b.now,
	}
}

func (b *bench) flagged(t *testing.T, c auditor.Changes) {
	t.Helper()
	tx, _ := b.begin(t, store.Need{})
	require.NoError(t, tx.Commit(background(), &store.Changes{Flags: c}))
}

func (b *bench) raise(t *testing.T, flags ...auditor.Flag) {
	t.Helper()
	c := auditor.Changes{Raised: flags}
	for _, f := range flags {
		c.Steps = append(c.Steps, f.Raising())
	}
	b.flagged(t, c)
}

func (b *bench) flags(t *testing.T, q auditor.FlagQuery) []auditor.Flag {
	t.Helper()
	q.Limit = max(q.Limit, 1)
	page, _, err := b.reader.Flags(background(), q)
	require.NoError(t, err)
	return page
}

func testFlags(t *testing.T, b *bench) {
	byRule, byHand := b.flag(1), b.flag(2)
	byHand.RaisedBy, byHand.WindowStart, byHand.Transactions, byHand.Code = b.bob.Owner, time.Time{}, nil, "PHISHING"
	b.raise(t, byRule, byHand)
	require.Equal(t, []auditor.Flag{byHand, byRule}, b.flags(t, auditor.FlagQuery{Limit: 5}))

	tx, rows := b.begin(t, store.Need{Accounts: []ledger.AccountID{b.alice.ID}, Flags: []auditor.FlagID{byRule.ID, {99}}})
	require.Equal(t, []auditor.Flag{byRule}, rows.Flags)
	changed, step, err := byRule.Become(auditor.FlagUnderReview, b.bob.Owner, "ask them 💬", b.now.Add(time.Minute))
	require.NoError(t, err)
	require.NoError(t, tx.Commit(background(), &store.Changes{Flags: auditor.Changes{Changed: []auditor.Flag{changed}, Steps: []auditor.Step{step}}}))
	require.Equal(t, []auditor.Flag{changed}, b.flags(t, auditor.FlagQuery{IDs: []auditor.FlagID{byRule.ID}}))
	steps, err := b.reader.FlagSteps(background(), byRule.ID)
	require.NoError(t, err)
	require.Equal(t, []auditor.Step{byRule.Raising(), step}, steps)

	absent := b.flag(9)
	tx, _ = b.begin(t, store.Need{})
	require.Error(t, tx.Commit(background(), &store.Changes{Flags: auditor.Changes{Changed: []auditor.Flag{absent}}}), "what is not there does not change")
	require.Len(t, b.flags(t, auditor.FlagQuery{Limit: 5}), 2)
}

func testFlagQueries(t *testing.T, b *bench) {
	flags := []auditor.Flag{b.flag(1), b.flag(2), b.flag(3), b.flag(4)}
	flags[1].Agent, flags[1].Code = b.bob.Owner, auditor.FanOut
	flags[2].Severity, flags[2].Status = auditor.Critical, auditor.FlagUnderReview
	flags[3].Shadow = true
	b.raise(t, flags...)
	for name, c := range map[string]struct {
		query auditor.FlagQuery
		want  []byte
	}{
		"all":               {auditor.FlagQuery{}, []byte{3, 2, 1}},
		"in shadow":         {auditor.FlagQuery{Shadow: true}, []byte{4}},
		"of an agent":       {auditor.FlagQuery{Agent: b.bob.Owner}, []byte{2}},
		"of a rule":         {auditor.FlagQuery{Code: auditor.FanIn}, []byte{3, 1}},
		"of a severity":     {auditor.FlagQuery{Severity: auditor.Critical}, []byte{3}},
		"in a state":        {auditor.FlagQuery{Status: auditor.FlagNew}, []byte{2, 1}},
		"of both":           {auditor.FlagQuery{Status: auditor.FlagNew, Code: auditor.FanIn}, []byte{1}},
		"named, any":        {auditor.FlagQuery{IDs: []auditor.FlagID{{4}, {1}, {77}}}, []byte{4, 1}},
		"after one":         {auditor.FlagQuery{After: auditor.FlagID{3}}, []byte{2, 1}},
		"beyond one":        {auditor.FlagQuery{Offset: 1}, []byte{2, 1}},
		"of nobody flagged": {auditor.FlagQuery{Agent: did.MustParse("did:test:carol")}, nil},
	} {
		c.query.Limit, c.query.Count = 10, 2
		page, total, err := b.reader.Flags(background(), c.query)
		require.NoError(t, err)
		var found []byte
		for _, f := range page {
			found = append(found, f.ID[0])
		}
		require.Equal(t, c.want, found, name)
		if c.query.After.IsZero() && c.query.Offset == 0 {
			require.EqualValues(t, min(len(c.want), 2), total, name)
		}
	}
	first, err := b.reader.AuditFlags(background(), auditor.FlagID{}, 3)
	require.NoError(t, err)
	rest, err := b.reader.AuditFlags(background(), first[2].ID, 3)
	require.NoError(t, err)
	require.Equal(t, flags, slices.Concat(first, rest))
}

func testFlagTallies(t *testing.T, b *bench) {
	flags := []auditor.Flag{b.flag(1), b.flag(2), b.flag(3), b.flag(4)}
	for i, took := range []time.Duration{time.Minute, time.Hour + time.Microsecond} {
		flags[i].Status, flags[i].UpdatedAt = auditor.FlagResolved, b.now.Add(took)
	}
	flags[3].Shadow = true
	b.raise(t, flags...)
	tallies, err := b.reader.FlagTallies(background())
	require.NoError(t, err)
	require.ElementsMatch(t, []auditor.Tally{
		{Code: auditor.FanIn, Severity: auditor.Medium, Status: auditor.FlagResolved, Flags: 2, Taken: time.Hour + time.Minute + time.Microsecond},
		{Code: auditor.FanIn, Severity: auditor.Medium, Status: auditor.FlagNew, Flags: 1},
		{Code: auditor.FanIn, Severity: auditor.Medium, Status: auditor.FlagNew, Flags: 1, Shadow: true},
	}, tallies)
}

func testOneFlag(t *testing.T, b *bench) {
	b.raise(t, b.flag(1))
	twin := b.flag(2)
	twin.WindowStart = b.flag(1).WindowStart
	tx, _ := b.begin(t, store.Need{})
	require.ErrorIs(t, tx.Commit(background(), &store.Changes{Flags: auditor.Changes{Raised: []auditor.Flag{twin}}}), store.ErrConflict)
	shadow, person := twin, twin
	shadow.Shadow = true
	person.ID, person.RaisedBy = auditor.FlagID{3}, b.bob.Owner
	b.raise(t, shadow, person)
}

func testFlagHistory(t *testing.T, b *bench) {
	b.raise(t, b.flag(1))
	for _, statement := range []string{"UPDATE auditor_flag_history SET status = status", "DELETE FROM auditor_flag_history"} {
		_, err := handleOf(t, b.store).ExecContext(background(), statement)
		require.ErrorContains(t, err, "append-only", statement)
	}
}

func testFlagBounds(t *testing.T, b *bench) {
	for name, spoil := range map[string]func(*auditor.Flag){
		"severity": func(f *auditor.Flag) { f.Severity = 5 },
		"status":   func(f *auditor.Flag) { f.Status = 0 },
		"code":     func(f *auditor.Flag) { f.Code = "" },
		"steps":    func(f *auditor.Flag) { f.Steps = 0 },
		"window":   func(f *auditor.Flag) { f.WindowStart = time.Time{} }, // and no person
	} {
		bad := b.flag(1)
		spoil(&bad)
		tx, _ := b.begin(t, store.Need{})
		require.Error(t, tx.Commit(background(), &store.Changes{Flags: auditor.Changes{Raised: []auditor.Flag{bad}}}), name)
	}
	require.Empty(t, b.flags(t, auditor.FlagQuery{}))
}

func testClaim(t *testing.T, b *bench) {
	tx, _ := b.begin(t, store.Need{})
	var changes store.Changes
	for i := range 9 {
		changes.Events = append(changes.Events, store.Event{ID: store.EventID{byte(i)}, Action: "transfer", Actor: b.alice.Owner, At: b.now, Body: []byte("{}")})
	}
	require.NoError(t, tx.Commit(background(), &changes))
	claim := func(name string, holder byte, position int64, now, until time.Duration) (int64, bool) {
		at, mine, err := b.store.Claim(background(), store.Claim{
			Name: name, Holder: ledger.ID{holder}, Position: position, Now: b.now.Add(now), Until: b.now.Add(until), Longest: b.now.Add(now + 20*time.Second),
		})
		require.NoError(t, err)
		stands, err := b.reader.ReadUpTo(background(), name)
		require.NoError(t, err)
		if mine {
			require.Equal(t, at, stands)
		}
		return stands, mine
	}
	for i, c := range []struct {
		holder     byte
		position   int64
		now, until time.Duration
		stands     int64
		mine       bool
	}{
		{1, 0, 0, 10, 0, true},
		{2, 9, 5, 15, 0, false},  // somebody reads
		{1, 7, 6, 16, 7, true},   // and has read on
		{1, 3, 7, 17, 7, true},   // never back
		{2, 0, 16, 26, 7, false}, // not yet
		{2, 0, 17, 27, 7, true},  // gone
		{1, 9, 18, 28, 7, false}, // and too late now
		{2, 8, 19, 19, 8, true},  // given up
		{1, 0, 19, 29, 8, true},
		{1, 99, 20, 900, 9, true}, // the log has nine events; by a clock that is wrong
		{2, 0, 21, 31, 9, true},
	} {
		stands, mine := claim("readers", c.holder, c.position, c.now*time.Second, c.until*time.Second)
		require.Equal(t, c.stands, stands, "%d", i)
		require.Equal(t, c.mine, mine, "%d", i)
	}
	stands, mine := claim("other", 2, 99, 0, time.Second)
	require.EqualValues(t, 9, stands)
	require.True(t, mine, "another name is another reader")
	readers, err := b.reader.LogReaders(background(), 9)
	require.NoError(t, err)
	require.Equal(t, []store.LogReader{{Name: "other", Position: 9}, {Name: "readers", Position: 9}}, readers)
	readers, err = b.reader.LogReaders(background(), 1)
	require.NoError(t, err)
	require.Len(t, readers, 1)
}

func testPositionAt(t *testing.T, b *bench) {
	at := func(after time.Duration) int64 {
		position, err := b.reader.PositionAt(background(), b.now.Add(after))
		require.NoError(t, err)
		return position
	}
	require.Zero(t, at(0))
	tx, _ := b.begin(t, store.Need{})
	var changes store.Changes
	for i := range 7 {
		changes.Events = append(changes.Events, store.Event{
			ID: store.EventID{byte(i)}, Action: "transfer", Actor: b.alice.Owner, At: b.now.Add(time.Duration(i/2) * time.Second), Body: []byte("{}"),
		})
	}
	require.NoError(t, tx.Commit(background(), &changes))
	for after, want := range map[time.Duration]int64{-time.Hour: 0, 0: 0, time.Microsecond: 2, time.Second: 2, 2 * time.Second: 4, 3 * time.Second: 6, 4 * time.Second: 7} {
		require.Equal(t, want, at(after), after)
	}
	events, err := b.reader.EventsAt(background(), 5, 1, 7, 99)
	require.NoError(t, err)
	require.Len(t, events, 2, "of those that are not there, nothing")
	require.ElementsMatch(t, []store.EventID{{1}, {5}}, []store.EventID{events[0].ID, events[1].ID})
	events, err = b.reader.EventsAt(background())
	require.NoError(t, err)
	require.Empty(t, events)
}

func testNoFlags(t *testing.T, b *bench) {
	tallies, err := b.reader.FlagTallies(background())
	require.NoError(t, err)
	require.Empty(t, tallies)
	steps, err := b.reader.FlagSteps(background(), auditor.FlagID{1})
	require.NoError(t, err)
	require.Empty(t, steps)
	stands, err := b.reader.ReadUpTo(background(), "nobody")
	require.NoError(t, err)
	require.Zero(t, stands)
}
