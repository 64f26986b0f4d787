package teg_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// fakeVerifier stands in for a verifier of proofs: all hold.
type fakeVerifier struct{}

func (fakeVerifier) CheckKey([]byte) (int, error)          { return 1, nil }
func (fakeVerifier) Verify([]byte, []string, []byte) error { return nil }

// withAttestations gives the world storage, where everything is found, and a verifier.
func withAttestations(c *teg.Config) {
	fake := new(tegtest.FakeEvidence)
	fake.Put(pointer, []byte("evidence"))
	c.Evidence, c.Proofs = fake, fakeVerifier{}
}

// worldPolicies are those of a world. One promises more than its treasury has.
func worldPolicies() []attestRule {
	return []attestRule{rule("work", "5", `{}`), rule("looked", "7", `{"review_required":true}`), rule("grand", "60000000", `{"cooldown_seconds":0}`)}
}

// attestActs are the verbs upon attestations.
var attestActs = []doing{
	{name: "attest", act: func(ctx context.Context, s *scene) (any, error) { return s.eng.Attest(ctx, s.claim("work", "k")) }},
	{name: "attest with a proof that is not about it", prepare: (*scene).register, act: func(ctx context.Context, s *scene) (any, error) {
		p := s.claim("work", "k")
		p.Proof = &teg.AttestationProof{Circuit: s.circuit(), Inputs: []string{"1"}, Proof: []byte("{}")}
		return s.eng.Attest(ctx, p)
	}},
	{name: "attest what is reviewed", act: func(ctx context.Context, s *scene) (any, error) { return s.eng.Attest(ctx, s.claim("looked", "k")) }},
	{name: "approve an attestation", prepare: (*scene).claims, act: func(ctx context.Context, s *scene) (any, error) { return s.judge(ctx, true) }},
	{name: "reject an attestation", prepare: (*scene).claims, act: func(ctx context.Context, s *scene) (any, error) { return s.judge(ctx, false) }},
	{name: "register a circuit", again: teg.ErrAlreadyExists, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.RegisterCircuit(ctx, s.registration())
	}},
	{name: "tick that pays a reward", parts: true, unasked: true, prepare: (*scene).owed, act: tick},
	{name: "tick that sees evidence", parts: true, unasked: true, prepare: (*scene).pointed, act: tick},
}

// refusedAttestations are those verbs where each is refused.
var refusedAttestations = []doing{
	{name: "attest too soon", refusal: teg.ErrCooldown, prepare: (*scene).worked, act: func(ctx context.Context, s *scene) (any, error) {
		p := s.claim("work", "k2")
		p.Data = json.RawMessage(`{"other":true}`)
		return s.eng.Attest(ctx, p)
	}},
	{name: "attest twice", refusal: teg.ErrDuplicateAttestation, prepare: (*scene).worked, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Attest(ctx, s.claim("work", "k2"))
	}},
	{name: "attest by one who is suspended", refusal: teg.ErrSuspended, prepare: (*scene).suspend, act: attestActs[0].act},
}

func (s *scene) claim(kind, key string) teg.AttestParams {
	return teg.AttestParams{DryRun: s.dry, By: s.alice, Type: kind, Data: json.RawMessage(`{"done":true}`), Key: key}
}

func (s *scene) worked() error {
	_, err := s.eng.Attest(context.Background(), s.claim("work", "k"))
	return err
}

func (s *scene) claims() error {
	r, err := s.eng.Attest(context.Background(), s.claim("looked", "k"))
	s.attested = r.ID
	return err
}

func (s *scene) judge(ctx context.Context, approved bool) (any, error) {
	return s.eng.ReviewAttestation(ctx, teg.ReviewAttestationParams{
		DryRun: s.dry, By: tegtest.Admin, AttestationID: s.attested, Approved: approved, Notes: "seen", Key: "k" + s.attested.String(),
	})
}

func (s *scene) circuit() string { return fmt.Sprint("circuit-", s.scenes) }

func (s *scene) registration() teg.RegisterCircuitParams {
	return teg.RegisterCircuitParams{DryRun: s.dry, By: tegtest.Admin, ID: s.circuit(), VerifyingKey: []byte(`{}`), Inputs: []string{"binding"}}
}

func (s *scene) register() error {
	_, err := s.eng.RegisterCircuit(context.Background(), s.registration())
	return err
}

// owed leaves a reward that the treasury did not have, and has now.
func (s *scene) owed() error {
	r, err := s.eng.Attest(context.Background(), s.claim("grand", "k"))
	require.NoError(s.t, err)
	require.Equal(s.t, teg.AttestationPendingReward, r.Status)
	_, err = s.eng.Issue(context.Background(), teg.IssueParams{By: tegtest.Admin, To: s.eng.TreasuryDID(), Amount: r.Reward, Reason: "reserve"})
	return err
}

// pointed leaves evidence that nobody has seen yet.
func (s *scene) pointed() error {
	p := s.claim("work", "k")
	p.Pointer = pointer
	_, err := s.eng.Attest(context.Background(), p)
	return err
}
