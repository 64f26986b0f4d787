// Command staking shows value at work: Alice stakes, delegates a part to Bob, a
// reward cycle distributes, and Alice is paid what she earned.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/teg"
)

func main() {
	if err := run(context.Background(), "teg-staking.db", os.Stdout); err != nil {
		log.Fatal(err)
	}
}

var admin, alice, bob = teg.Agent("did:example:admin"), teg.Agent("did:example:alice"), teg.Agent("did:example:bob")

func run(ctx context.Context, file string, out io.Writer) error {
	st, err := sqlite.Open(ctx, file)
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.Migrate(ctx); err != nil {
		return err
	}
	eng, err := teg.New(ctx, st, teg.Config{})
	if err != nil {
		return err
	}
	defer eng.Close()

	for _, to := range []teg.DID{alice, bob} {
		grant := teg.IssueParams{By: admin, To: to, Amount: teg.AVT("100"), Reason: "genesis grant", Key: "genesis-" + to.ID()}
		if _, err := eng.Issue(ctx, grant); err != nil {
			return err
		}
	}
	if err := earn(ctx, eng, out); err != nil {
		return err
	}
	_, err = eng.Verify(ctx)
	return err
}

// earn is the example of docs/staking.md. Every act has a key, so that running it
// twice earns once.
func earn(ctx context.Context, eng *teg.Engine, out io.Writer) error {
	if _, err := eng.Stake(ctx, teg.StakeParams{By: bob, Amount: teg.AVT("50"), Key: "stake-1"}); err != nil {
		return err
	}
	// region staking
	stake, err := eng.Stake(ctx, teg.StakeParams{By: alice, Amount: teg.AVT("100"), Key: "stake-1"})
	if err != nil {
		return err
	}
	_, err = eng.Delegate(ctx, teg.DelegateParams{
		By: alice, StakeID: stake.StakeID, Validator: bob, Amount: teg.AVT("60"), Key: "lend-1", // bob keeps 10 %
	})
	if err != nil {
		return err
	}
	cycle, err := eng.RunRewardCycle(ctx, teg.CycleParams{By: admin, Key: "2026-01"}) // 5 % of all that is staked
	if err != nil {
		return err
	}
	claim, err := eng.ClaimRewards(ctx, teg.ClaimParams{By: alice, Key: "claim-2026-01"})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "of", cycle.Distributed, "AVT alice earned", claim.Amount)
	// endregion
	return nil
}
