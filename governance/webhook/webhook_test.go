package webhook_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/ledger"
)

var now = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// All pairs of states, of which some follow one another.
func TestMoves(t *testing.T) {
	follows := map[webhook.Status][]webhook.Status{
		webhook.Active: {webhook.Paused, webhook.Ended}, webhook.Paused: {webhook.Active, webhook.Ended}, webhook.Ended: nil, 0: nil,
	}
	for from, next := range follows {
		for to := range follows {
			after, err := webhook.Webhook{Status: from, Steps: 1}.Move(to, "x", now)
			if slices.Contains(next, to) {
				require.NoError(t, err)
				require.Equal(t, webhook.Webhook{Status: to, Reason: "x", Steps: 2, UpdatedAt: now}, after)
				continue
			}
			require.ErrorIs(t, err, ledger.ErrInvalidState, "%s to %s", from, to)
			require.EqualValues(t, 1, after.Steps)
		}
	}
	_, err := webhook.Webhook{Status: webhook.Ended}.Rotate(0, now)
	require.ErrorIs(t, err, ledger.ErrInvalidState)
	_, err = webhook.Webhook{Status: webhook.Ended}.Change(func(*webhook.Webhook) {}, now)
	require.ErrorIs(t, err, ledger.ErrInvalidState)
}

// Two secrets are good for as long as was said, and never a third.
func TestGenerations(t *testing.T) {
	w := webhook.Webhook{Status: webhook.Active, Generation: 1}
	require.Equal(t, []int64{1}, w.Generations(now))
	w, err := w.Rotate(time.Hour, now)
	require.NoError(t, err)
	require.Equal(t, []int64{2, 1}, w.Generations(now.Add(time.Hour-1)))
	require.Equal(t, []int64{2}, w.Generations(now.Add(time.Hour)))
	w, err = w.Rotate(time.Hour, now)
	require.NoError(t, err)
	require.Equal(t, []int64{3, 2}, w.Generations(now))
	w, err = w.Rotate(0, now)
	require.NoError(t, err)
	require.Equal(t, []int64{4}, w.Generations(now))
}

// Waits are those of the schedule, a little longer, or as long as the receiver asks; then
// there is an end. It takes more than two days by default.
func TestSchedule(t *testing.T) {
	s := webhook.DefaultSchedule()
	rapid.Check(t, func(t *rapid.T) {
		failures := rapid.Int64Range(1, int64(len(s))+3).Draw(t, "failures")
		asked := time.Duration(rapid.Int64Range(0, int64(72*time.Hour)).Draw(t, "asked"))
		wait, last := s.Next(failures, asked, rapid.Float64Range(0, 1).Draw(t, "chance"))
		if failures > int64(len(s)) {
			require.True(t, last)
			return
		}
		require.False(t, last)
		least := max(s[failures-1], min(asked, webhook.MaxPause))
		require.GreaterOrEqual(t, wait, least)
		require.LessOrEqual(t, wait, max(s[failures-1]*11/10+1, least))
	})
	var whole time.Duration
	for _, wait := range s {
		whole += wait
	}
	require.Greater(t, whole, 48*time.Hour)
	_, last := webhook.Schedule{}.Next(1, 0, 0)
	require.True(t, last)
}

// A message has one name, whoever names it, and no other has it.
func TestMessageNames(t *testing.T) {
	one := webhook.MessageOf(webhook.ID{1}, ledger.ID{2})
	require.Equal(t, one, webhook.MessageOf(webhook.ID{1}, ledger.ID{2}))
	require.NotEqual(t, one, webhook.MessageOf(webhook.ID{2}, ledger.ID{2}))
	require.NotEqual(t, one, webhook.MessageOf(webhook.ID{1}, ledger.ID{1}))
	again, err := webhook.ParseMessageID(one.String())
	require.NoError(t, err)
	require.Equal(t, one, again)
	_, err = webhook.ParseID(one.String())
	require.ErrorIs(t, err, ledger.ErrNotFound)
	for _, status := range []webhook.Status{webhook.Active, webhook.Paused, webhook.Ended} {
		parsed, err := webhook.ParseStatus(status.String())
		require.NoError(t, err)
		require.Equal(t, status, parsed)
	}
	for _, state := range []webhook.DeliveryState{webhook.Delivered, webhook.Failing, webhook.Failed} {
		parsed, err := webhook.ParseDeliveryState(state.String())
		require.NoError(t, err)
		require.Equal(t, state, parsed)
	}
	for _, text := range []string{"", "invalid", "active"} {
		_, err := webhook.ParseStatus(text)
		require.ErrorIs(t, err, ledger.ErrInvalidInput)
		_, err = webhook.ParseDeliveryState(text)
		require.ErrorIs(t, err, ledger.ErrInvalidInput)
	}
}

// Attempts are kept in order, the newest of very many, and read back as they were.
func TestAttempts(t *testing.T) {
	var d webhook.Delivery
	for i := range webhook.MaxAttempts + 2 {
		before := len(d.Attempts)
		next := d.Add(webhook.Attempt{At: now.Add(time.Duration(i) * time.Second), Status: i, Fault: "ü"}, webhook.Failing)
		require.Len(t, d.Attempts, before, "the one before is left as it was")
		d = next
	}
	require.Len(t, d.Attempts, webhook.MaxAttempts)
	require.Equal(t, 2, d.Attempts[0].Status)
	require.Equal(t, now, d.CreatedAt)
	again, err := webhook.DecodeAttempts(webhook.EncodeAttempts(d.Attempts))
	require.NoError(t, err)
	require.Equal(t, d.Attempts, again)
	require.Equal(t, "a b", webhook.JoinKinds([]string{"b", "a", "b"}))
	w := webhook.Webhook{Actions: "a b"}
	require.True(t, w.Takes("b"))
	require.False(t, w.Takes("c"))
	require.True(t, (&webhook.Webhook{}).Takes("c"))
}
