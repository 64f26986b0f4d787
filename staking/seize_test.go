package staking

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

func (e *economy) seize(from int, sum amount.Amount) (taken amount.Amount, err error) {
	err = e.act(func(b *Book) (postings []ledger.Posting, err error) {
		taken, postings, err = b.Seize(SeizeRule{Agent: e.agent(from), Sum: sum, To: e.agent(1), Type: ledger.TypeDisputePenalty})
		return postings, err
	})
	return taken, err
}

// A sum is taken out of what an agent has staked, pinned or not, and then out of what
// is on its way out; of what others delegated to it nothing.
func TestSeize(t *testing.T) {
	e := newTestEconomy(t, Terms{UnstakingPeriod: time.Hour})
	id := must(e.stake(0, avt("100"), false))
	lent := must(e.stake(1, avt("50"), false))
	must(e.delegate(1, 0, lent, avt("50"), amount.Rate{}))
	must(e.unstake(0, id, avt("30")))
	var pool PoolID
	var pinned amount.Amount
	require.NoError(t, e.act(func(b *Book) (_ []ledger.Posting, err error) {
		pool, pinned, err = b.Pin(e.agent(0), avt("60"))
		return nil, err
	}))
	require.Equal(t, "20", must(e.seize(0, avt("20"))).String())
	e.check(t)
	require.Equal(t, "999970", e.accounts[e.agent(1)].Balance.String(), "staked 50, got 20")

	require.Equal(t, "49", must(e.seize(0, avt("49"))).String(), "below what is pinned too")
	dust := avt("0.9999999999")
	require.Equal(t, "0.9999999999", must(e.seize(0, dust)).String(), "the dust of the stake, and the rest of what leaves it")
	e.check(t)
	require.Equal(t, "30.0000000001", must(e.seize(0, avt("99"))).String(), "and all there is left")
	require.True(t, must(e.seize(0, avt("1"))).IsZero())
	e.check(t)
	require.NoError(t, e.act(func(b *Book) ([]ledger.Posting, error) {
		b.Unpin(pool, pinned)
		return nil, nil
	}), "what was pinned in it is gone")
}
