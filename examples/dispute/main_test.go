package main

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg/ipfs/ipfstest"
)

const before = `OPEN about 20 AVT, with a fee of 1 AVT and a bond of 5 AVT
alice has 73.999 AVT, and 26.001 locked: the hold and its fee, the fee and the bond of the dispute
bob cannot take his stake out: 20 AVT of the agent's stake are pinned by a dispute or a vote
`

const after = `evidence ipfs://bafkreibqv6vdoa3qayvet6yzh7sq3v4j4hzuzl3j2rrl6m2cna4cqqtxzm was not looked at
RESOLVED_FAVOR_CLAIMANT, the hold is voided
3 of 5 jurors were drawn
seat 1 chose RESOLVED_FAVOR_CLAIMANT and got 0.5 AVT
seat 2 chose RESOLVED_FAVOR_CLAIMANT and got 0.5 AVT
seat 3 chose nothing and lost 1 AVT
alice has 100 AVT, 0 locked, 0 staked, and a score of 5
bob has 50 AVT, 0 locked, 50 staked, and a score of -25
Jan 01 hold 20.001 AVT
Jan 04 bond 6 AVT
Jan 14 hold_release 20.001 AVT
Jan 14 bond_return 6 AVT
Jan 04 alice raise_dispute OPEN
Jan 04 alice add_evidence OPEN
Jan 04 bob respond_to_dispute OPEN
Jan 11 treasury advance_dispute UNDER_REVIEW
Jan 11 admin advance_dispute AWAITING_ARBITRATION
Jan 11 arbitrator draw_panel committing
Jan 11 juror commit_vote
Jan 11 juror commit_vote
Jan 11 juror commit_vote
Jan 12 arbitrator advance_panel revealing
Jan 12 juror reveal_vote RESOLVED_FAVOR_CLAIMANT
Jan 12 juror reveal_vote RESOLVED_FAVOR_CLAIMANT
Jan 14 arbitrator advance_panel ruled
Jan 14 arbitrator resolve_dispute RESOLVED_FAVOR_CLAIMANT
`

func told(t *testing.T, file, node string) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), file, node, &out))
	return out.String()
}

// Running it twice is one dispute: every act has a key, and what has ended has ended.
func TestDispute(t *testing.T) {
	file := filepath.Join(t.TempDir(), "teg.db")
	require.Equal(t, before+after, told(t, file, ""))
	require.Equal(t, after, told(t, file, ""))
}

// With a node the evidence is fetched, proved and pinned.
func TestDisputeOverIPFS(t *testing.T) {
	ipfstest.Each(t, func(t *testing.T, n *ipfstest.Node) {
		out := told(t, filepath.Join(t.TempDir(), "teg.db"), n.API)
		require.Contains(t, out, "evidence ipfs://bafkreibqv6vdoa3qayvet6yzh7sq3v4j4hzuzl3j2rrl6m2cna4cqqtxzm is there, 44 bytes\n")
		require.Contains(t, out, " treasury store_evidence ")
		require.Contains(t, n.Pins(t), "bafkreibqv6vdoa3qayvet6yzh7sq3v4j4hzuzl3j2rrl6m2cna4cqqtxzm")
	})
}
