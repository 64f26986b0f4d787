package staking

import (
	"fmt"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// The example of the package's documentation, in its numbers.
func Example() {
	const alice, bob = 0, 1
	e := newEconomy(panics{}, Terms{Slashing: true, SlashDelegated: true}, 2, "1000")
	mine := must(e.stake(alice, avt("100"), false))
	lent := must(e.delegate(alice, bob, mine, avt("60"), amount.Percent(10)))
	his := must(e.stake(bob, avt("50"), false))

	tell := func() {
		b := e.book()
		own, delegated, kept := must(b.Claim(mine)), must(b.Claim(his)), must(b.ClaimCommission(e.agent(bob)))
		fmt.Println("all value", e.total.Tokens, "distributed", e.total.Distributed)
		fmt.Println("Alice: own", own.Stakes, "delegation", own.Delegations, "| Bob: own", delegated.Stakes, "commission", kept.Commission)
	}
	must(0, e.cycle(amount.Percent(5)))
	tell()

	must(e.slash(bob, amount.Percent(10), amount.Percent(10)))
	d := e.delegations[lent]
	fmt.Println("Alice's delegation is worth", e.pool(d.Pool).Worth(d.Shares))
	must(0, e.cycle(amount.Percent(5)))
	tell()
	// Output:
	// all value 150 distributed 7.5
	// Alice: own 2 delegation 2.7 | Bob: own 2.5 commission 0.3
	// Alice's delegation is worth 54
	// all value 139 distributed 14.45
	// Alice: own 4 delegation 5.13 | Bob: own 4.75 commission 0.57
}

// panics lets an example use what tests do.
type panics struct{}

func (panics) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (panics) FailNow()                          { panic("failed") }
