package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// stakingTests are those of what is remembered of stakes.
var stakingTests = map[string]func(*testing.T, *bench){
	"a new database has an empty total":                    testFirstTotal,
	"rows of stakes are read back whole":                   testStakingRoundTrip,
	"a row of stakes that is not there is not changed":     testStakingMissing,
	"many rows of stakes are written at once":              testStakingMany,
	"what belongs to a stake comes with it":                testStakeParts,
	"live stakes of an agent are found":                    testLiveOf,
	"holdings are of one view with their accounts":         testHoldingsOf,
	"live pools of an agent are found":                     testPoolsOf,
	"what has ended is loaded where it is named":           testEnded,
	"closed cycles come with what they touched":            testCyclesNamed,
	"stakes page by id":                                    testStakePages,
	"delegations page by id":                               testDelegationPages,
	"unbondings are found when they are due":               testDueUnbondings,
	"stakes that compound are found":                       testCompounding,
	"delegations that a slash hit are found":               testDelegationSlashes,
	"cycles and slashes page":                              testCyclePages,
	"rows of stakes are audited once":                      testStakingAudit,
	"cycles and slashes refuse changes":                    testStakingAppendOnly,
	"rows of stakes have bounds in the database":           testStakingBounds,
	"evidence is used once":                                testEvidence,
	"one pool of a kind is open":                           testOpenPools,
	"who waited for the total sees what was committed":     testTotalIsCurrent,
	"a total that another holds is left out or waited for": testTotalLocks,
	"a host's transaction remembers stakes":                testHostStakes,
	"ids are reserved besides those of owners":             testFresh,
	"agents' own pools are no accounts of the system":      testPoolAccounts,
	"what was never staked is an empty answer":             testNoStakes,
}

// filler gives every column a value of its own. Its zero value gives zeros.
type filler struct{ last *int }

func newFiller() filler { return filler{new(int)} }

func (f filler) next() int {
	if f.last == nil {
		return 0
	}
	*f.last++
	return *f.last
}

// number is one of 140 digits.
func (f filler) number() staking.Number { return parsed(f.text()) }

// negative is one below zero.
func (f filler) negative() staking.Number {
	if f.last == nil {
		return staking.Number{}
	}
	return parsed("-" + f.text())
}

func (f filler) text() string {
	if f.last == nil {
		return "0"
	}
	return fmt.Sprintf("%d%s", 10000+f.next(), strings.Repeat("7", 135))
}

func parsed(text string) staking.Number {
	number, err := staking.ParseNumber(text)
	if err != nil {
		panic(err)
	}
	if number.IsZero() {
		return staking.Number{}
	}
	return number
}

func (f filler) amount() amount.Amount { n := f.next(); return avt(fmt.Sprintf("%d.%018d", n, n)) }

func (f filler) rate() amount.Rate {
	rate, err := amount.FromPPM(uint32(f.next()))
	if err != nil {
		panic(err)
	}
	return rate
}

// position was last settled in a cycle.
func (f filler) position(cycle int64) staking.Position {
	return staking.Position{Weight: f.number(), Index: f.number(), Debt: f.negative(), Cycle: cycle, Earned: f.number()}
}

func (b *bench) moment(f filler) time.Time {
	return b.now.Add(time.Duration(f.next()) * time.Microsecond)
}

func (b *bench) pool(f filler, of ledger.Account, kind staking.PoolKind) staking.Pool {
	return staking.Pool{
		ID: staking.PoolID(b.next()), Agent: of.ID, Kind: kind, Account: ledger.AccountID(900 + f.next()), Tokens: f.amount(),
		Shares: f.number(), Pinned: f.amount(), Index: f.number(), Open: f.number(), Cycle: 1, At: b.moment(f),
		Commission: f.position(1), Paid: f.amount(),
	}
}

func (b *bench) stake(f filler, of ledger.Account, in staking.Pool) staking.Stake {
	return staking.Stake{
		ID: staking.StakeID(b.next()), Owner: of.ID, Pool: in.ID, Shares: f.number(), Own: f.position(1), Left: f.position(1),
		Paid: f.amount(), Out: f.next(), StakedAt: b.moment(f),
	}
}

func (b *bench) delegation(f filler, of staking.Stake, in staking.Pool) staking.Delegation {
	return staking.Delegation{
		ID: staking.DelegationID(b.next()), Stake: of.ID, Delegator: of.Owner, Validator: in.Agent, Pool: in.ID, Shares: f.number(),
		Share: f.rate(), Position: f.position(1), Amount: f.amount(), Started: b.moment(f),
	}
}

func (b *bench) unbonding(f filler, of ledger.Account, from staking.Stake) staking.Unbonding {
	return staking.Unbonding{
		ID: staking.UnbondingID(b.next()), Owner: of.ID, Stake: from.ID, Shares: f.number(), AvailableAt: b.moment(f),
	}
}

func (b *bench) cycle(f filler, number int64) staking.Cycle {
	return staking.Cycle{
		Number: number, ID: staking.CycleID(b.next()), Start: b.moment(f), End: b.moment(f), Weighted: number%2 == 1, Rate: f.rate(),
		Pool: f.amount(), Collected: f.amount(), FromReserve: f.amount(), Issued: f.amount(), Stakers: int64(f.next()),
		Price: f.number(), PriceSum: f.number(),
	}
}

func (b *bench) slash(f filler, of ledger.Account, evidence string) staking.Slash {
	return staking.Slash{
		ID: staking.SlashID(b.next()), Agent: of.ID, Evidence: evidence, Reason: "it was away", SelfRate: f.rate(), DelegationsRate: f.rate(),
		Self: f.amount(), Delegated: f.amount(), At: b.moment(f),
	}
}

func (b *bench) total(f filler, cycle int64) *staking.Total {
	return &staking.Total{
		Cycle: cycle, Start: b.moment(f), At: b.moment(f), Tokens: f.amount(), Unbonding: f.amount(), Weighted: cycle%2 == 1, Seconds: f.number(), Price: f.number(),
		Distributed: f.amount(), Paid: f.amount(), Stakers: int64(f.next()), Stakes: int64(f.next()), Delegations: int64(f.next()),
	}
}

// keep writes what was done to stakes.
func (b *bench) keep(t *testing.T, c staking.Changes, slashes ...staking.Slash) {
	t.Helper()
	require.NoError(t, b.tryKeep(t, c, slashes...))
}

// tryKeep is keep where that may fail.
func (b *bench) tryKeep(t *testing.T, c staking.Changes, slashes ...staking.Slash) error {
	t.Helper()
	if c.Total == nil {
		c.Total = b.total(filler{}, 50)
	}
	tx, _ := b.begin(t, store.Need{Staking: staking.Need{Total: true}})
	return tx.Commit(background(), &store.Changes{Staking: c, Slashes: slashes})
}

// rowsOf loads what is needed under lock, and reads it without: that is the same.
func (b *bench) rowsOf(t *testing.T, need staking.Need) staking.Rows {
	t.Helper()
	tx, rows := b.begin(t, store.Need{Staking: need})
	require.NoError(t, tx.Rollback(background()))
	read, err := b.reader.StakingRows(background(), need)
	require.NoError(t, err)
	require.Equal(t, rows.Staking.Total, read.Total)
	require.Equal(t, rows.Staking.Pools, read.Pools)
	require.Equal(t, rows.Staking.Stakes, read.Stakes)
	require.Equal(t, rows.Staking.Delegations, read.Delegations)
	require.Equal(t, rows.Staking.Unbondings, read.Unbondings)
	require.ElementsMatch(t, rows.Staking.Cycles, read.Cycles)
	return rows.Staking
}

// auditAll reads the rows in pages of two.
func auditAll[Row any, ID any](t *testing.T, page func(context.Context, ID, int) ([]Row, error), want []Row, id func(Row) ID) {
	t.Helper()
	var got []Row
	for after := *new(ID); ; {
		rows, err := page(background(), after, 2)
		require.NoError(t, err)
		got = append(got, rows...)
		if len(rows) < 2 {
			break
		}
		after = id(rows[1])
	}
	require.Equal(t, want, got)
}
