package storetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
)

// loginTests are those of challenges and sessions.
var loginTests = map[string]func(*testing.T, *bench){
	"a challenge is used once":                         testChallenges,
	"sessions go from generation to generation":        testSessions,
	"a generation that was good ends its session":      testReuse,
	"a session that is over stays so":                  testSessionsOver,
	"of many who rotate at once one succeeds":          testRotationRace,
	"sessions that ended are told by the clock of all": testEndedSessions,
	"what is over is swept":                            testSweep,
	"logins have bounds in the database":               testLoginBounds,
}

// login opens a session of Alice's for an hour.
func (b *bench) login(t *testing.T, id byte) store.Session {
	t.Helper()
	opened := store.Session{ID: store.SessionID{id}, Agent: b.alice.Owner, Generation: 1, OpenedAt: b.now, ExpiresAt: b.now.Add(time.Hour)}
	require.NoError(t, b.store.Sessions().OpenSession(background(), opened))
	return opened
}

func testChallenges(t *testing.T, b *bench) {
	const users = 8
	patient := within(t, 5*time.Minute)
	var firsts atomic.Int64
	faults := make([]error, users)
	var using sync.WaitGroup
	for i := range users {
		using.Go(func() {
			first, err := b.store.Sessions().UseChallenge(patient, [32]byte{7}, b.now)
			if first {
				firsts.Add(1)
			}
			faults[i] = err
		})
	}
	using.Wait()
	require.NoError(t, errors.Join(faults...))
	require.EqualValues(t, 1, firsts.Load())
	first, err := b.store.Sessions().UseChallenge(background(), [32]byte{31: 7}, b.now)
	require.NoError(t, err)
	require.True(t, first, "another one")
}

func testSessions(t *testing.T, b *bench) {
	want, sessions := b.login(t, 1), b.store.Sessions()
	b.login(t, 2)
	require.ErrorIs(t, sessions.OpenSession(background(), want), store.ErrConflict, "an id is used once")
	for generation := range int64(3) {
		got, state, err := sessions.RotateSession(background(), want.ID, generation+1, b.now.Add(time.Hour-time.Microsecond))
		want.Generation = generation + 2
		require.NoError(t, err)
		require.Equal(t, store.SessionOpen, state)
		require.Equal(t, want, got)
	}
	_, state, err := sessions.RotateSession(background(), store.SessionID{9}, 1, b.now)
	require.NoError(t, err)
	require.Equal(t, store.SessionUnknown, state)
}

func testReuse(t *testing.T, b *bench) {
	sessions := b.store.Sessions()
	for id, reused := range map[byte]int64{1: 1, 2: 3, 3: 99} { // one of before, and such as there never were
		one := b.login(t, id)
		_, _, err := sessions.RotateSession(background(), one.ID, 1, b.now)
		require.NoError(t, err)
		_, state, err := sessions.RotateSession(background(), one.ID, reused, b.now)
		require.NoError(t, err)
		require.Equal(t, store.SessionReused, state)
		_, state, err = sessions.RotateSession(background(), one.ID, 2, b.now)
		require.NoError(t, err)
		require.Equal(t, store.SessionReused, state, "the good one is good no more")
	}
	other := b.login(t, 4)
	_, state, err := sessions.RotateSession(background(), other.ID, 1, b.now)
	require.NoError(t, err)
	require.Equal(t, store.SessionOpen, state, "other sessions of the agent go on")
}

func testSessionsOver(t *testing.T, b *bench) {
	sessions := b.store.Sessions()
	revoked, expired := b.login(t, 1), b.login(t, 2)
	for _, before := range []store.SessionState{store.SessionOpen, store.SessionRevoked} {
		state, err := sessions.RevokeSession(background(), revoked.ID, b.now)
		require.NoError(t, err)
		require.Equal(t, before, state)
	}
	_, state, err := sessions.RotateSession(background(), revoked.ID, 1, b.now)
	require.NoError(t, err)
	require.Equal(t, store.SessionRevoked, state)
	for _, generation := range []int64{1, 5} {
		_, state, err = sessions.RotateSession(background(), expired.ID, generation, b.now.Add(time.Hour))
		require.NoError(t, err)
		require.Equal(t, store.SessionExpired, state)
	}
	state, err = sessions.RevokeSession(background(), expired.ID, b.now.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, store.SessionExpired, state)
	state, err = sessions.RevokeSession(background(), store.SessionID{9}, b.now)
	require.NoError(t, err)
	require.Equal(t, store.SessionUnknown, state)
	ended, err := sessions.EndedSessions(background(), time.Hour)
	require.NoError(t, err)
	require.Equal(t, []store.SessionID{revoked.ID}, ended, "what ended by itself is not told")
}

func testRotationRace(t *testing.T, b *bench) {
	const racers = 16
	patient := within(t, 5*time.Minute)
	one, sessions := b.login(t, 1), b.store.Sessions()
	states, faults := make([]store.SessionState, racers), make([]error, racers)
	var racing sync.WaitGroup
	for i := range racers {
		racing.Go(func() { _, states[i], faults[i] = sessions.RotateSession(patient, one.ID, 1, b.now) })
	}
	racing.Wait()
	require.NoError(t, errors.Join(faults...))
	counts := map[store.SessionState]int{}
	for _, state := range states {
		counts[state]++
	}
	require.Equal(t, map[store.SessionState]int{store.SessionOpen: 1, store.SessionReused: racers - 1}, counts)
}

func testEndedSessions(t *testing.T, b *bench) {
	sessions := b.store.Sessions()
	one, two := b.login(t, 1), b.login(t, 2)
	b.login(t, 3)
	_, err := sessions.RevokeSession(background(), one.ID, b.now)
	require.NoError(t, err)
	_, state, err := sessions.RotateSession(background(), two.ID, 7, b.now)
	require.NoError(t, err)
	require.Equal(t, store.SessionReused, state)
	for within, want := range map[time.Duration][]store.SessionID{time.Hour: {one.ID, two.ID}, -time.Hour: nil} {
		ended, err := again(t, b.store).Sessions().EndedSessions(background(), within)
		require.NoError(t, err)
		require.ElementsMatch(t, want, ended, within)
	}
}

func testSweep(t *testing.T, b *bench) {
	sessions := b.store.Sessions()
	one := b.login(t, 1)
	_, err := sessions.UseChallenge(background(), [32]byte{1}, b.now)
	require.NoError(t, err)
	for before, want := range map[time.Time]int{b.now.Add(-time.Second): 0, b.now: 0} {
		swept, err := sessions.Sweep(background(), before)
		require.NoError(t, err)
		require.Equal(t, want, swept)
	}
	swept, err := sessions.Sweep(background(), b.now.Add(time.Minute))
	require.NoError(t, err)
	require.Equal(t, 1, swept, "the challenge")
	first, err := sessions.UseChallenge(background(), [32]byte{1}, b.now)
	require.NoError(t, err)
	require.True(t, first, "it is forgotten")
	swept, err = sessions.Sweep(background(), one.ExpiresAt.Add(time.Second))
	require.NoError(t, err)
	require.Equal(t, 2, swept)
	state, err := sessions.RevokeSession(background(), one.ID, b.now)
	require.NoError(t, err)
	require.Equal(t, store.SessionUnknown, state)
}

func testLoginBounds(t *testing.T, b *bench) {
	one, db := b.login(t, 1), handleOf(t, b.store)
	_, err := b.store.Sessions().RevokeSession(background(), one.ID, b.now)
	require.NoError(t, err)
	for _, bad := range []string{"generation = 0", "state = 1", "state = 2", "ended_at = NULL", "expires_at = opened_at", "agent = ''"} {
		_, err := db.ExecContext(background(), "UPDATE login_sessions SET "+bad)
		require.Error(t, err, bad)
	}
}
