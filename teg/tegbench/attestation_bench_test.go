package tegbench

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/governance/attestation/groth16"
	"github.com/agentvault/teg-layer/governance/attestation/groth16/prooftest"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// sameProof costs what a real verification costs, of one real proof, whichever it is
// given: proofs for each of many agents would take hours to make.
type sameProof struct {
	*groth16.Verifier
	circuit prooftest.Circuit
}

func (sameProof) CheckKey([]byte) (int, error) { return 1, nil }

func (v sameProof) Verify([]byte, []string, []byte) error {
	p := v.circuit.Proofs[0]
	return v.Verifier.Verify(v.circuit.Key, p.Inputs, p.Proof)
}

// What attestations cost in groups, with a reward, without a proof and with one, beside
// transfers between the same agents.
func BenchmarkAttestation(b *testing.B) {
	const callers, most = 256, 2_000
	for name, open := range databases {
		b.Run(name, func(b *testing.B) {
			eng, agents := openAttestations(b, open, most)
			ctx := context.Background()
			attest := func(i int, kind string, prove func(p *teg.AttestParams)) error {
				p := teg.AttestParams{By: agents[i%len(agents)], Type: kind, Data: json.RawMessage(fmt.Sprintf(`{"kind":"%s","n":%d}`, kind, i))}
				prove(&p)
				_, err := eng.Attest(ctx, p)
				return err
			}
			for _, verb := range []struct {
				name string
				act  func(i int) error
			}{
				{"transfer", func(i int) error {
					_, err := eng.Transfer(ctx, teg.TransferParams{From: agents[i%len(agents)], To: agents[(i+1)%len(agents)], Amount: teg.AVT("1")})
					return err
				}},
				{"plain", func(i int) error { return attest(i, "plain", func(*teg.AttestParams) {}) }},
				{"proof", func(i int) error {
					return attest(i, "proven", func(p *teg.AttestParams) {
						data, _ := attestation.Canonical(p.Data)
						p.Proof = &teg.AttestationProof{Circuit: "one", Inputs: []string{attestation.Binding(p.By, data.Hash)}, Proof: []byte("{}")}
					})
				}},
			} {
				b.Run(verb.name, func(b *testing.B) { measureActs(b, callers, len(agents), verb.act) })
			}
		})
	}
}

func openAttestations(b *testing.B, open func(testing.TB) store.Store, agents int) (*teg.Engine, []teg.DID) {
	eng := tegtest.Over(b, open(b), func(c *teg.Config) { c.Proofs = sameProof{groth16.New(), prooftest.FairMarkup()} })
	ctx, level, reward, parameters := context.Background(), teg.PolicyMandatory, teg.AVT("0.001"), `{"cooldown_seconds":0,"daily_limit":10000,"reward_budget_total":"1000000"}`
	for code, circuit := range map[string]string{"plain": "", "proven": "one"} {
		_, err := eng.PutPolicy(ctx, teg.PutPolicyParams{By: tegtest.Admin, Code: code, Type: teg.PolicyAttestation,
			PolicyEdit: teg.PolicyEdit{Name: &code, Level: &level, Parameters: &parameters, Reward: &reward, Circuit: &circuit}})
		require.NoError(b, err)
	}
	_, err := eng.RegisterCircuit(ctx, teg.RegisterCircuitParams{By: tegtest.Admin, ID: "one", VerifyingKey: []byte("{}"), Inputs: []string{"binding"}})
	require.NoError(b, err)
	_, err = eng.Issue(ctx, teg.IssueParams{By: tegtest.Admin, To: eng.TreasuryDID(), Amount: teg.AVT("1000000"), Reason: "reserve"})
	require.NoError(b, err)
	return eng, tegtest.FundMany(b, eng, agents, "1000000")
}
