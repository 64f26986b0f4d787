package teg_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// courts are two engines over one database.
func courts(t *testing.T, stores [2]store.Store) [2]*court {
	first := newCourt(t, stores[0], withBond)
	other := *first
	other.conduct = &conduct{t: t, ctx: first.ctx, clock: first.clock, eng: tegtest.Over(t, stores[1], tegtest.WithClock(first.clock), withBond)}
	return [2]*court{first, &other}
}

// Of many rulings at once there is one.
func TestOneRuling(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		both := courts(t, stores)
		h := both[0].hold("10", 0)
		id := both[0].arbitrated(both[0].claim(h.TransactionIDs[0]))
		var ruled [2]atomic.Int64
		together(12, func(i int) {
			c := both[i%2]
			p := c.ruling(id, []teg.DisputeStatus{teg.DisputeFavorClaimant, teg.DisputeFavorDefendant}[i%2])
			p.Hold = []teg.HoldEnd{teg.HoldEndVoided, teg.HoldEndCaptured}[i%2]
			p.Penalty = teg.AVT("4")
			_, err := c.eng.ResolveDispute(c.ctx, p)
			if err == nil {
				ruled[i%2].Add(1)
				return
			}
			require.ErrorIs(t, err, teg.ErrInvalidState)
		})
		require.EqualValues(t, 1, ruled[0].Load()+ruled[1].Load())
		want := "104+0+0 5"
		if ruled[1].Load() == 1 {
			want = "84.999+0+0 -25"
		}
		require.Equal(t, want, both[0].has(both[0].alice))
	})
}

// Evidence is given before the ruling, or refused: no more is counted than there is,
// which is proven when the test ends.
func TestEvidenceAgainstRuling(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		both := courts(t, stores)
		id := both[0].arbitrated(both[0].claim(both[0].pay(both[0].alice, both[0].bob)))
		var given atomic.Int64
		together(16, func(i int) {
			c := both[i%2]
			if i == 7 {
				_, err := c.eng.ResolveDispute(c.ctx, c.ruling(id, teg.DisputeSplit))
				require.NoError(t, err)
				return
			}
			by := []teg.DID{c.alice, c.bob}[i/2%2]
			_, err := c.eng.AddEvidence(c.ctx, teg.EvidenceParams{By: by, DisputeID: id, Pointer: fmt.Sprintf("%s/%d", somePointer, i)})
			if err == nil {
				given.Add(1)
				return
			}
			require.ErrorIs(t, err, teg.ErrInvalidState)
		})
		view, err := both[0].eng.Dispute(both[0].ctx, teg.DID{}, id)
		require.NoError(t, err)
		require.Len(t, view.Evidence, int(given.Load()))
	})
}

// A stake is taken out before it is pinned, or not at all.
func TestUnstakeAgainstPin(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		both := courts(t, stores)
		c := both[0]
		staked := c.stake(c.bob, "50")
		h := c.hold("20", 0)
		d := c.file(c.claim(h.TransactionIDs[0]))
		var taken atomic.Int64
		together(12, func(i int) {
			c := both[i%2]
			if i == 5 {
				c.advance(d.ID, teg.DisputeUnderReview)
				return
			}
			_, err := c.eng.Unstake(c.ctx, teg.UnstakeParams{By: c.bob, StakeID: staked, Amount: teg.AVT("10")})
			if err == nil {
				taken.Add(10)
				return
			}
			require.True(t, errors.Is(err, teg.ErrInvalidState) || errors.Is(err, teg.ErrInsufficientBalance) || errors.Is(err, teg.ErrStakeInactive), "%v", err)
		})
		view, err := c.eng.Dispute(c.ctx, teg.DID{}, d.ID)
		require.NoError(t, err)
		left := 50 - taken.Load()
		require.Equal(t, fmt.Sprint(min(20, left)), view.Pinned.String(), "all that was there, up to the value")
	})
}

// A hold is captured or disputed while it is active, and if both, then captured first.
func TestCaptureAgainstFiling(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		both := courts(t, stores)
		for range 5 {
			h := both[0].hold("1", time.Hour)
			var captured, frozen atomic.Int64
			together(4, func(i int) {
				c := both[i%2]
				var err error
				if i < 2 {
					if _, err = c.eng.Capture(c.ctx, teg.CaptureParams{By: c.alice, HoldID: h.HoldID}); err == nil {
						captured.Add(1)
						return
					}
					require.ErrorIs(t, err, teg.ErrInvalidState)
					return
				}
				var d teg.DisputeReceipt
				if d, err = c.eng.RaiseDispute(c.ctx, c.claim(h.TransactionIDs[0])); err == nil && !d.Hold.IsZero() {
					frozen.Add(1)
				}
				require.True(t, err == nil || errors.Is(err, teg.ErrAlreadyExists), "%v", err)
			})
			require.EqualValues(t, 1, captured.Load()+frozen.Load())
		}
	})
}

// A ruling is carried out whatever has to be done before it: deadlines of the dispute
// itself, reward cycles that are over, holds and stakes that are due to both parties,
// stake that is pinned and stake that is seized, creditors of one who has some already
// and of one who has some from now on.
func TestRulingWithEverythingDue(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		for _, inHost := range []bool{false, true} {
			st := open(t)
			c := newCourt(t, st, withBond, func(config *teg.Config) {
				terms := teg.DefaultStakingTerms()
				terms.UnstakingPeriod = 24 * time.Hour
				config.Staking, config.RewardInterval = &terms, 7*24*time.Hour
			})
			carol := tegtest.Fund(t, c.eng, "did:example:carol", "100")
			d := c.file(c.claim(c.pay(c.alice, c.bob)))
			for _, agent := range []teg.DID{c.alice, c.bob} {
				_, err := c.eng.Unstake(c.ctx, teg.UnstakeParams{By: agent, StakeID: c.stake(agent, "50"), Amount: teg.AVT("10")})
				require.NoError(t, err)
				_, err = c.eng.Hold(c.ctx, teg.HoldParams{From: agent, To: carol, Amount: teg.AVT("5"), Term: time.Hour})
				require.NoError(t, err)
			}
			require.NoError(t, c.eng.Owe(c.ctx, c.bob, carol, teg.AVT("500"), ledger.ID{1}, ""))
			c.clock.Advance(22 * 24 * time.Hour)
			p := c.ruling(d.ID, teg.DisputeFavorDefendant)
			p.Penalty = teg.AVT("1000")
			eng, commit := c.eng, func() error { return nil }
			if inHost {
				tx, host := hostOf(t, st, nil)
				eng, commit = c.eng.Using(host), tx.Commit
			}
			ruled, err := eng.ResolveDispute(c.ctx, p)
			require.NoError(t, err)
			require.NoError(t, commit())
			require.Equal(t, "97.999", ruled.Collected.String(), "all that she had")
			require.NoError(t, c.eng.Tick(c.ctx))
			tegtest.Verify(t, c.eng)
		}
	})
}

// What is pinned stays pinned when a slash takes of it: nothing can be taken out until
// there is more than that again. Where a slash takes all of it nothing is pinned any
// more, and what is staked afterwards is free.
func TestPinsUnderSlashes(t *testing.T) {
	inCourt(t, func(c *court) {
		t := c.t
		carol := tegtest.Fund(t, c.eng, "did:example:carol", "10")
		c.stake(carol, "10")
		slash := func(percent uint, evidence string) {
			_, err := c.eng.Slash(c.ctx, teg.SlashParams{By: tegtest.Admin, Validator: c.bob, Percentage: teg.Percent(percent), Evidence: evidence, Reason: "x"})
			require.NoError(t, err)
			tegtest.Verify(t, c.eng)
		}
		unstake := func(id teg.StakeID, sum string) error {
			_, err := c.eng.Unstake(c.ctx, teg.UnstakeParams{By: c.bob, StakeID: id, Amount: teg.AVT(sum)})
			return err
		}
		review := func(sum string) (teg.DisputeID, string) {
			id := c.file(c.claim(c.hold(sum, 0).TransactionIDs[0])).ID
			c.advance(id, teg.DisputeUnderReview)
			view, err := c.eng.Dispute(c.ctx, teg.DID{}, id)
			require.NoError(t, err)
			return id, view.Pinned.String()
		}
		end := func(id teg.DisputeID) {
			_, err := c.eng.WithdrawDispute(c.ctx, teg.WithdrawDisputeParams{By: c.alice, DisputeID: id})
			require.NoError(t, err)
			tegtest.Verify(t, c.eng)
		}
		staked := c.stake(c.bob, "40")
		first, pinned := review("30")
		require.Equal(t, "30", pinned)
		_, err := c.eng.Delegate(c.ctx, teg.DelegateParams{By: c.bob, StakeID: staked, Validator: carol, Amount: teg.AVT("11")})
		require.ErrorIs(t, err, teg.ErrInvalidState)
		slash(50, "half") // 20 are left of it
		second, pinned := review("5")
		require.Equal(t, "0", pinned, "there is nothing more to pin")
		require.ErrorIs(t, unstake(staked, "1"), teg.ErrInvalidState)
		more := c.stake(c.bob, "12")
		require.ErrorIs(t, unstake(more, "3"), teg.ErrInvalidState)
		require.NoError(t, unstake(more, "2"))
		slash(100, "all")
		anew := c.stake(c.bob, "6")
		third, pinned := review("4")
		require.Equal(t, "4", pinned)
		end(first)
		require.ErrorIs(t, unstake(anew, "3"), teg.ErrInvalidState, "the end of the first sets free what was pinned for it, and that is gone")
		end(second)
		end(third)
		require.NoError(t, unstake(anew, "6"))
	}, func(config *teg.Config) {
		terms := teg.DefaultStakingTerms()
		terms.Slashing, terms.UnstakingPeriod = true, 24*time.Hour
		config.Staking = &terms
	})
}

// Both parties dispute the same at once: one dispute is opened, and its bond set aside.
func TestBothPartiesFileAtOnce(t *testing.T) {
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		both := courts(t, stores)
		h := both[0].hold("10", 0)
		var filed atomic.Int64
		together(8, func(i int) {
			c := both[i/2%2]
			p := c.claim(h.TransactionIDs[0])
			if i%2 == 1 {
				p.By, p.Defendant = p.Defendant, p.By
			}
			_, err := c.eng.RaiseDispute(c.ctx, p)
			if err == nil {
				filed.Add(1)
				return
			}
			require.ErrorIs(t, err, teg.ErrAlreadyExists)
		})
		require.EqualValues(t, 1, filed.Load())
		supply, err := both[0].eng.Supply(both[0].ctx)
		require.NoError(t, err)
		require.Equal(t, "13.001", supply.Locked.String(), "the hold with its fee, and one fee and bond")
	})
}
