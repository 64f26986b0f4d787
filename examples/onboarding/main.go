// Command onboarding shows how an agent comes into an economy: an administrator issues a
// bootstrap token, the agent registers with it and gets its grant, and nobody else can.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/teg"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer) error {
	st, err := sqlite.OpenMemory(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	terms := teg.DefaultTerms()
	terms.OnboardingGrant = teg.AVT("10")
	eng, err := teg.New(ctx, st, teg.Config{Terms: &terms})
	if err != nil {
		return err
	}
	defer eng.Close()
	admin := teg.Agent("did:example:admin")
	if _, err := eng.Issue(ctx, teg.IssueParams{By: admin, To: eng.TreasuryDID(), Amount: teg.AVT("1000"), Reason: "reserve"}); err != nil {
		return err
	}
	if err := invite(ctx, eng, admin, out); err != nil {
		return err
	}
	_, err = eng.Verify(ctx)
	return err
}

func invite(ctx context.Context, eng *teg.Engine, admin teg.DID, out io.Writer) error {
	alice, mallory := teg.Agent("did:example:alice"), teg.Agent("did:example:mallory")

	// region onboarding
	issued, err := eng.IssueBootstrapToken(ctx, teg.BootstrapTokenParams{By: admin, TypeHint: "worker", TTL: 24 * time.Hour})
	if err != nil {
		return err
	}
	// issued.Token is a secret, and nowhere else: hand it to the agent.

	profile, err := eng.RegisterAgent(ctx, teg.RegisterParams{Agent: alice, BootstrapToken: issued.Token})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, profile.ID, "came by", profile.Origin, "and has", profile.Balance.Available, "AVT")

	_, err = eng.RegisterAgent(ctx, teg.RegisterParams{Agent: mallory, BootstrapToken: issued.Token})
	if errors.Is(err, teg.ErrTokenUsed) {
		fmt.Fprintln(out, "a token works once")
	}
	// endregion

	// region roles
	_, err = eng.SetRoles(ctx, teg.RolesParams{By: admin, Agent: alice, Revoked: teg.RolesOf(teg.RoleAdmin), Reason: "no longer on duty"})
	if err != nil {
		return err
	}
	given := teg.RolesOf(teg.RoleAgent, teg.RoleAuditor, teg.RoleAdmin) // by the token that it carries
	in, err := eng.RolesInForce(ctx, alice, given)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "in force:", in.Roles)
	// endregion
	return nil
}
