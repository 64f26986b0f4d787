// Command attestation shows a claim that is proven and paid for: a circuit is
// registered, a policy promises a reward for a price that is fair, and Alice proves that
// hers is, without telling what she paid.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/agentvault/teg-layer/governance/attestation/groth16"
	"github.com/agentvault/teg-layer/governance/attestation/groth16/prooftest"
	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/teg"
)

func main() {
	if err := run(context.Background(), "teg-attestation.db", os.Stdout); err != nil {
		log.Fatal(err)
	}
}

var admin = teg.Agent("did:example:admin")

func run(ctx context.Context, file string, out io.Writer) error {
	st, err := sqlite.Open(ctx, file)
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.Migrate(ctx); err != nil {
		return err
	}
	eng, err := teg.New(ctx, st, teg.Config{Proofs: groth16.New()})
	if err != nil {
		return err
	}
	defer eng.Close()
	fair := prooftest.FairMarkup() // a circuit, and proofs that snarkjs made for it
	if err := govern(ctx, eng, fair); err != nil {
		return err
	}
	if err := attest(ctx, eng, out, fair.By(prooftest.Alice)[0], fair.ID); err != nil {
		return err
	}
	_, err = eng.Verify(ctx)
	return err
}

// govern is what an administrator does once.
func govern(ctx context.Context, eng *teg.Engine, fair prooftest.Circuit) error {
	for _, to := range []teg.DID{prooftest.Alice, eng.TreasuryDID()} {
		if _, err := eng.Issue(ctx, teg.IssueParams{By: admin, To: to, Amount: teg.AVT("100"), Reason: "genesis", Key: "genesis-" + to.ID()}); err != nil {
			return err
		}
	}
	_, err := eng.RegisterCircuit(ctx, teg.RegisterCircuitParams{By: admin, ID: fair.ID, VerifyingKey: fair.Key, Inputs: fair.PublicInputNames})
	if err != nil {
		return err
	}
	name, level, reward := "a price within 20 percent of its hidden cost", teg.PolicyMandatory, teg.AVT("5")
	// What the data does not have to say, the proof may say as it likes.
	parameters := `{"data_schema": {"required": ["price", "max_markup_percent"], "properties": {"max_markup_percent": {"const": 20}}}}`
	_, err = eng.PutPolicy(ctx, teg.PutPolicyParams{
		By: admin, Code: "fair-price", Type: teg.PolicyAttestation,
		PolicyEdit: teg.PolicyEdit{Name: &name, Level: &level, Parameters: &parameters, Reward: &reward, Circuit: &fair.ID},
	})
	return err
}

func attest(ctx context.Context, eng *teg.Engine, out io.Writer, p prooftest.Proof, circuit string) error {
	// region attestation
	r, err := eng.Attest(ctx, teg.AttestParams{
		By: p.Agent, Type: "fair-price", Data: p.Data, Key: "price-1",
		Proof: &teg.AttestationProof{Circuit: circuit, Inputs: p.Inputs, Proof: p.Proof},
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, r.Status, "for", r.Reward, "AVT")
	// endregion
	return nil
}
