package attestation_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

var all = []attestation.Status{
	attestation.Verified, attestation.Unverified, attestation.Accepted, attestation.PendingReview, attestation.Rejected, attestation.PendingReward,
}

// The state table, over all pairs.
func TestStatusTable(t *testing.T) {
	ways := map[[2]attestation.Status]bool{}
	for _, way := range [][2]attestation.Status{
		{0, attestation.Verified}, {0, attestation.Unverified}, {0, attestation.Accepted}, {0, attestation.PendingReview}, {0, attestation.PendingReward},
		{attestation.PendingReview, attestation.Verified}, {attestation.PendingReview, attestation.Accepted},
		{attestation.PendingReview, attestation.PendingReward}, {attestation.PendingReview, attestation.Rejected},
		{attestation.PendingReward, attestation.Verified}, {attestation.PendingReward, attestation.Accepted},
	} {
		ways[way] = true
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, from := range append([]attestation.Status{0, 7}, all...) {
		for _, to := range append([]attestation.Status{0, 7}, all...) {
			want := ways[[2]attestation.Status{from, to}]
			require.Equal(t, want, from.CanBecome(to), "%s to %s", from, to)
			if to == 0 {
				continue // stays as it is
			}
			s, step, err := attestation.Submission{Status: from, Steps: 3}.Become(attestation.Change{Status: to, At: at})
			if !want {
				require.ErrorIs(t, err, ledger.ErrInvalidState, "%s to %s", from, to)
				require.Equal(t, from, s.Status, "a refusal changes nothing")
				continue
			}
			require.NoError(t, err)
			require.Equal(t, to, s.Status)
			require.Equal(t, attestation.Step{Seq: 4, Status: to, At: at}, step)
		}
	}
	for _, s := range all {
		require.Equal(t, s != attestation.Unverified && s != attestation.Rejected, s.Stands(), s)
		require.Equal(t, s == attestation.Verified || s == attestation.Accepted, s.Taken(), s)
		read, err := attestation.ParseStatus(s.String())
		require.NoError(t, err)
		require.Equal(t, s, read)
	}
	_, err := attestation.ParseStatus("ACCEPTED")
	require.ErrorIs(t, err, ledger.ErrInvalidInput)
	require.False(t, attestation.Status(0).Stands())
}

// Evidence that was seen stays seen, and a step about it alone leaves the rest.
func TestStorage(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s, step, err := attestation.Submission{Pointer: "ipfs://x", Waits: true, Offer: amount.MustParse("2"), Agent: did.MustParse("did:example:a")}.Begin(
		attestation.Change{Status: attestation.PendingReward, Reward: amount.MustParse("2"), Charged: at, At: at})
	require.NoError(t, err)
	require.Equal(t, attestation.StorageUnverified, step.Storage)
	require.False(t, s.Stored())
	require.Equal(t, at, s.ChargedAt)
	s, step, err = s.Become(attestation.Change{Storage: attestation.StorageVerified, At: at.Add(time.Hour)})
	require.NoError(t, err)
	require.True(t, s.Stored())
	require.Equal(t, attestation.PendingReward, step.Status)
	require.Equal(t, "2", step.Reward.String())
	s, _, err = s.Become(attestation.Change{Status: attestation.Accepted, At: at.Add(2 * time.Hour)})
	require.NoError(t, err)
	require.Equal(t, attestation.StorageVerified, s.Storage)
	require.Zero(t, s.ChargedAt, "what pays nothing is charged to no budget")
}
