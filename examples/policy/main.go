// Command policy shows an engine under a policy in Rego: what policies/teg.rego denies
// does not happen, whoever asks.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/decider/rego"
)

func main() {
	if err := run(context.Background(), "examples/policy/policies", os.Stdout); err != nil {
		log.Fatal(err)
	}
}

var (
	admin, alice = teg.Agent("did:example:admin"), teg.Agent("did:example:alice")
	bob, mallory = teg.Agent("did:example:bob"), teg.Agent("did:example:mallory")
)

func run(ctx context.Context, policies string, out io.Writer) error {
	// region policy
	decider, err := rego.Open(ctx, rego.Config{Dir: policies})
	if err != nil {
		return err
	}
	st, err := sqlite.OpenMemory(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	eng, err := teg.New(ctx, st, teg.Config{Decider: decider})
	if err != nil {
		return err
	}
	defer eng.Close()
	// endregion

	asAdmin := teg.WithRoles(ctx, "agent", "admin") // a server takes them from the token
	for _, to := range []teg.DID{alice, bob} {
		if _, err := eng.Issue(asAdmin, teg.IssueParams{By: admin, To: to, Amount: teg.AVT("5000"), Reason: "genesis grant"}); err != nil {
			return err
		}
	}
	for _, p := range []teg.TransferParams{
		{From: alice, To: bob, Amount: teg.AVT("1000")},
		{From: alice, To: bob, Amount: teg.AVT("1000.000000000000000001")},
		{From: alice, To: mallory, Amount: teg.AVT("1")},
	} {
		_, err := eng.Transfer(teg.WithRoles(ctx, "agent"), p)
		switch {
		case errors.Is(err, teg.ErrPolicyDenied): // teg.CodeOf(err) is AUTH_POLICY_DENIED, 403 over HTTP
			fmt.Fprintln(out, "alice pays", p.To, p.Amount, "AVT:", err)
		case err != nil:
			return err
		default:
			fmt.Fprintln(out, "alice pays", p.To, p.Amount, "AVT: done")
		}
	}
	return nil
}
