package teg_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// neighbour is another process on the same database.
func (c *conduct) neighbour(options ...func(*teg.Config)) *conduct {
	return &conduct{t: c.t, ctx: c.ctx, store: c.store, clock: c.clock, eng: tegtest.Over(c.t, c.store, append(options, tegtest.WithClock(c.clock))...)}
}

// The fee of each payment is the one that the log says was in force at its place,
// whoever paid it and whoever changed the fee meanwhile.
func TestFeesAreThoseOfTheirPlaceInTheLog(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		const changes, payers = 24, 8
		t, other := c.t, c.neighbour()
		agents := tegtest.FundMany(t, c.eng, payers, "100000")
		p := c.govern("fees", teg.PolicyEconomic, `{"transfer_fee":"1"}`)
		var changed atomic.Bool
		var running sync.WaitGroup
		faults := make([]error, payers+2)
		for i := range payers {
			eng := []*conduct{c, other}[i%2].eng
			running.Go(func() {
				for n := 0; faults[i] == nil && (n < 5 || !changed.Load()); n++ {
					_, faults[i] = eng.Transfer(c.ctx, teg.TransferParams{From: agents[i], To: agents[(i+1)%payers], Amount: teg.AVT("1"), Key: fmt.Sprintf("%d-%d", i, n)})
				}
			})
		}
		var deciding sync.WaitGroup
		for i, eng := range []*teg.Engine{c.eng, other.eng} { // and each sees what the other did
			deciding.Go(func() {
				for n := 0; n < changes/2 && faults[payers+i] == nil; n++ {
					fee := fmt.Sprintf(`{"transfer_fee":"%d.%02d"}`, i+2, n)
					_, faults[payers+i] = eng.PutPolicy(c.ctx, teg.PutPolicyParams{By: tegtest.Admin, ID: p.ID, PolicyEdit: teg.PolicyEdit{Parameters: &fee}})
				}
			})
		}
		deciding.Wait()
		changed.Store(true)
		running.Wait()
		for _, err := range faults {
			require.NoError(t, err)
		}
		paid, versions := heldAgainstLog(c)
		require.GreaterOrEqual(t, paid, 5*payers)
		require.Equal(t, changes+1, versions)
		for _, eng := range []*teg.Engine{c.eng, other.eng} {
			require.NoError(t, eng.Tick(c.ctx))
			require.EqualValues(t, versions, eng.TermsInForce().Version)
		}
	})
}

// heldAgainstLog reads the log and holds the fee of each transfer against the policies
// before it. It returns how many there were of both.
func heldAgainstLog(c *conduct) (paid, versions int) {
	inForce := "0.001"
	for event, err := range c.eng.EventsFrom(c.ctx, 0) {
		require.NoError(c.t, err)
		var body struct {
			Fee    string
			Policy struct {
				Change     int
				Parameters string
			}
		}
		require.NoError(c.t, json.Unmarshal(event.Body, &body))
		switch event.Action {
		case "transfer":
			paid++
			require.Equal(c.t, inForce, body.Fee, "at position %d", event.Position)
		case "put_policy":
			versions++
			require.Equal(c.t, versions, body.Policy.Change, "at position %d", event.Position)
			var parameters struct {
				Fee teg.Amount `json:"transfer_fee"`
			}
			require.NoError(c.t, json.Unmarshal([]byte(body.Policy.Parameters), &parameters))
			inForce = parameters.Fee.String()
		}
	}
	return paid, versions
}

// A process that has done nothing for long decides by what is in force now, also what it
// refuses or would do; and what it says of the terms it knows after a tick.
func TestAnotherProcessTakesNotice(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, other := c.t, c.neighbour()
		agents := tegtest.FundMany(t, c.eng, 2, "100")
		transfer := func(sum string, dry bool) (teg.TransferReceipt, error) {
			return other.eng.Transfer(c.ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT(sum), DryRun: dry, Key: "k" + sum})
		}
		p := c.govern("least", teg.PolicyEconomic, `{"min_transfer_amount":"10"}`)
		_, err := transfer("5", false)
		require.ErrorIs(t, err, teg.ErrBelowMinimum)
		c.amend(p.ID, `{"transfer_fee":"3"}`)
		r, err := transfer("4", true)
		require.NoError(t, err)
		require.Equal(t, "3", r.Fee.String())
		require.Equal(t, "3", other.fee(agents[0], agents[1]))
		c.amend(p.ID, `{"transfer_fee":"4"}`)
		require.NoError(t, other.eng.Tick(c.ctx))
		require.Equal(t, "4", other.eng.Terms().Fees.Fixed.String())
		c.amend(p.ID, `{"transfer_fee":"4.5"}`)
		latest, err := other.eng.LatestTerms(c.ctx)
		require.NoError(t, err)
		require.Equal(t, "4.5", latest.Ledger.Fees.Fixed.String())
		fifth := c.amend(p.ID, `{"transfer_fee":"5"}`)
		page, err := other.eng.Policies(c.ctx, teg.PoliciesQuery{})
		require.NoError(t, err)
		require.Equal(t, []teg.Policy{fifth}, page.Policies)
		c.amend(p.ID, `{"transfer_fee":"5","transfer_fee_max":null}`)
		tx, host := hostOf(t, c.store, nil)
		r, err = other.eng.Using(host).Transfer(c.ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
		require.NoError(t, err)
		require.Equal(t, "5", r.Fee.String())
		require.NoError(t, tx.Commit())
	})
}

// What a term asks for is there, although it was not in force yet when the operation was
// made by a process that did not know of it.
func TestTermsThatAskForMoreRows(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, other := c.t, c.neighbour()
		agents := tegtest.FundMany(t, c.eng, 3, "100")
		staked, err := c.eng.Stake(c.ctx, teg.StakeParams{By: agents[0], Amount: teg.AVT("50")})
		require.NoError(t, err)
		lent, err := c.eng.Delegate(c.ctx, teg.DelegateParams{By: agents[0], StakeID: staked.StakeID, Validator: agents[1], Amount: teg.AVT("20")})
		require.NoError(t, err)
		alone, err := c.eng.Stake(c.ctx, teg.StakeParams{By: agents[2], Amount: teg.AVT("50")})
		require.NoError(t, err)
		wait := func(code, days string) { c.govern(code, teg.PolicyEconomic, `{"unstaking_period":"`+days+`"}`) }
		wait("wait", "7d")
		out, err := other.eng.Unstake(c.ctx, teg.UnstakeParams{By: agents[2], StakeID: alone.StakeID, Amount: teg.AVT("10")})
		require.NoError(t, err)
		require.Equal(t, c.clock.Now().Add(7*24*time.Hour), out.AvailableAt)
		third := c.neighbour()
		p := c.govern("split", teg.PolicyEconomic, `{"fee_split":"rewards=0.5,burn=0.5","signal_pair_limit":1}`)
		require.Equal(t, "0.001", other.fee(agents[0], agents[1]))
		_, err = third.eng.Undelegate(c.ctx, teg.UndelegateParams{By: agents[0], DelegationID: lent.ID})
		require.NoError(t, err)
		back, err := c.eng.Unstake(c.ctx, teg.UnstakeParams{By: agents[0], StakeID: staked.StakeID, Amount: teg.AVT("30")})
		require.NoError(t, err)
		require.Equal(t, "0", back.Returned.String())
		fresh := c.neighbour()
		c.amend(p.ID, `{}`)
		require.Equal(t, 1, other.say(agents[0], agents[1], 1).Applied)
		require.Equal(t, 1, other.say(agents[0], agents[1], 1).Applied)
		c.amend(p.ID, `{"signal_pair_limit":2}`)
		require.Equal(t, 0, signalled(other, agents).Applied, "there is a limit since a moment ago")
		require.Equal(t, 0, signalled(fresh, agents).Applied)
	})
}

// signalled pays by the process that knows the terms, and gives the signal by another.
func signalled(by *conduct, agents []teg.DID) teg.SignalReceipt {
	paid := by.neighbour().pay(agents[0], agents[1])
	r, err := by.eng.Signal(by.ctx, teg.SignalParams{By: agents[0], TransactionID: paid, Value: 1})
	require.NoError(by.t, err)
	return r
}

// Whoever changes policies at the same time as others has to wait, and is not told that
// the database is away.
func TestPoliciesChangedAtOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		const each, many = 6, 8
		p, engines := c.govern("fees", teg.PolicyEconomic, `{}`), []*teg.Engine{c.eng, c.neighbour().eng, c.neighbour().eng}
		faults := make([]error, many)
		var running sync.WaitGroup
		for i := range faults {
			running.Go(func() {
				for n := 0; n < each && faults[i] == nil; n++ {
					name := fmt.Sprint(i, "-", n)
					_, faults[i] = engines[i%3].PutPolicy(c.ctx, teg.PutPolicyParams{By: tegtest.Admin, ID: p.ID, PolicyEdit: teg.PolicyEdit{Name: &name}})
				}
			})
		}
		running.Wait()
		for _, err := range faults {
			require.NoError(c.t, err)
		}
		history, err := c.eng.Policy(c.ctx, p.ID)
		require.NoError(c.t, err)
		require.Len(c.t, history.Versions, 1+each*many)
	})
}

// Policies that clash are refused to all but one, whoever asks first.
func TestPoliciesThatClashAtOnce(t *testing.T) {
	t.Parallel()
	c := newConduct(t, storetest.OpenPostgres(t))
	engines := []*teg.Engine{c.eng, c.neighbour().eng, c.neighbour().eng}
	faults := make([]error, 9)
	var running sync.WaitGroup
	for i := range faults {
		running.Go(func() {
			_, faults[i] = engines[i%3].PutPolicy(c.ctx, mandatory(fmt.Sprint("fees-", i), teg.PolicyEconomic, `{"transfer_fee":"2"}`))
		})
	}
	running.Wait()
	made := 0
	for _, err := range faults {
		if err == nil {
			made++
			continue
		}
		require.ErrorIs(t, err, teg.ErrAlreadyExists)
	}
	require.Equal(t, 1, made)
}
