package teg_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/attestation/groth16"
	"github.com/agentvault/teg-layer/governance/attestation/groth16/prooftest"
	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// withProofs lets an engine verify proofs.
func withProofs(c *teg.Config) { c.Proofs = groth16.New() }

// rule is a policy about attestations as a test needs it.
type attestRule struct{ code, reward, parameters, circuit string }

func rule(code, reward, parameters string) attestRule {
	return attestRule{code, reward, parameters, ""}
}

// putPolicies puts policies in force.
func putPolicies(t testing.TB, eng *teg.Engine, list ...attestRule) {
	for _, r := range list {
		_, err := eng.PutPolicy(context.Background(), teg.PutPolicyParams{
			By: tegtest.Admin, Code: r.code, Type: teg.PolicyAttestation,
			PolicyEdit: teg.PolicyEdit{Name: &r.code, Level: ref(teg.PolicyMandatory), Parameters: &r.parameters, Reward: ref(teg.AVT(r.reward)), Circuit: &r.circuit},
		})
		require.NoError(t, err)
	}
}

// fill gives the treasury something to pay from.
func (c *conduct) fill(sum string) {
	_, err := c.eng.Issue(c.ctx, teg.IssueParams{By: tegtest.Admin, To: c.eng.TreasuryDID(), Amount: teg.AVT(sum), Reason: "reserve"})
	require.NoError(c.t, err)
}

func (c *conduct) attest(by teg.DID, kind, data string) teg.AttestReceipt {
	r, err := c.eng.Attest(c.ctx, teg.AttestParams{By: by, Type: kind, Data: json.RawMessage(data)})
	require.NoError(c.t, err)
	return r
}

func (c *conduct) refuses(by teg.DID, kind, data string) error {
	_, err := c.eng.Attest(c.ctx, teg.AttestParams{By: by, Type: kind, Data: json.RawMessage(data)})
	require.Error(c.t, err)
	return err
}

// What is taken is paid, rated and told of in one commit.
func TestAttest(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t := c.t
		putPolicies(c.t, c.eng, rule("uptime", "5", `{"attestation_type":"service_uptime"}`))
		agents := tegtest.FundMany(t, c.eng, 2, "1")
		c.fill("100")
		r, err := c.eng.Attest(c.ctx, teg.AttestParams{By: agents[0], Type: "service_uptime", Data: json.RawMessage(`{"b": 1.0, "a": "x"}`), Key: "one"})
		require.NoError(t, err)
		require.Equal(t, teg.AttestationAccepted, r.Status)
		require.Equal(t, "5", r.Reward.String())
		require.Equal(t, `{"a":"x","b":1}`, r.Data)
		require.Equal(t, "uptime", r.Code)
		require.Equal(t, c.clock.Now(), r.SubmittedAt)
		require.Equal(t, "6", tegtest.Available(t, c.eng, agents[0]))
		require.Equal(t, 1, c.score(agents[0]))
		tx, err := c.eng.Transaction(c.ctx, agents[0], r.Transaction)
		require.NoError(t, err)
		require.Equal(t, teg.TypeAttestationReward, tx.Type)
		require.Equal(t, r.ID.String(), tx.ReferenceID)
		require.Equal(t, c.eng.TreasuryDID(), tx.From)
		history, err := c.eng.ReputationHistory(c.ctx, teg.ReputationHistoryQuery{Agent: agents[0]})
		require.NoError(t, err)
		require.Equal(t, []teg.ReputationEvent{{At: c.clock.Now(), Change: 1, Requested: 1, Score: 1, Reason: "attestation", RelatedID: r.ID.String()}}, history.Events)

		again, err := c.eng.Attest(c.ctx, teg.AttestParams{By: agents[0], Type: "service_uptime", Data: json.RawMessage(`{"a":"x","b":1}`), Key: "one"})
		require.NoError(t, err)
		require.True(t, again.Replayed)
		again.Replayed = false
		require.Equal(t, r, again, "the same content under the same key")
		_, err = c.eng.Attest(c.ctx, teg.AttestParams{By: agents[0], Type: "service_uptime", Data: json.RawMessage(`{"a":"y"}`), Key: "one"})
		require.ErrorIs(t, err, teg.ErrKeyReused)

		require.ErrorIs(t, c.refuses(agents[0], "uptime", `{"b":1,"a":"x"}`), teg.ErrDuplicateAttestation, "which is told before the cooldown")
		require.ErrorIs(t, c.refuses(agents[0], "uptime", `{"a":"y"}`), teg.ErrCooldown)
		require.Equal(t, teg.AttestationAccepted, c.attest(agents[1], "uptime", `{"b":1,"a":"x"}`).Status, "another agent's is another")
		require.ErrorIs(t, c.refuses(agents[0], "nothing", `{}`), teg.ErrNotFound)
		require.ErrorIs(t, c.refuses(teg.Agent("did:example:nobody"), "uptime", `{}`), teg.ErrNotFound)
		require.ErrorIs(t, c.refuses(agents[0], "uptime", `[]`), teg.ErrInvalidInput)
		c.clock.Advance(24 * time.Hour)
		require.Equal(t, teg.AttestationAccepted, c.attest(agents[0], "uptime", `{"a":"y"}`).Status)
		require.ErrorIs(t, c.refuses(agents[0], "uptime", `{"b":1,"a":"x"}`), teg.ErrDuplicateAttestation, "for ever")

		page, err := c.eng.Attestations(c.ctx, teg.AttestationsQuery{Agent: agents[0], Limit: 1})
		require.NoError(t, err)
		require.EqualValues(t, 2, page.Total)
		page, err = c.eng.Attestations(c.ctx, teg.AttestationsQuery{Agent: agents[0], Limit: 1, Cursor: page.NextCursor})
		require.NoError(t, err)
		require.Equal(t, []teg.Attestation{r.Attestation}, page.Attestations)
		require.Empty(t, page.NextCursor)
	})
}

// A policy that pays nothing, a right that is missing and a budget that is used up
// leave what is attested without a reward, not without the score.
func TestAttestWithoutReward(t *testing.T) {
	t.Parallel()
	least := 2
	onEach(t, func(c *conduct) {
		t := c.t
		putPolicies(c.t, c.eng, rule("free", "0", `{"cooldown_seconds":0}`), rule("paid", "5", `{"cooldown_seconds":0,"reward_budget_per_day":"7","reward_budget_total":"11"}`))
		c.fill("100")
		registered := tegtest.Fund(t, c.eng, "did:example:registered", "1")
		self := teg.Agent("did:example:self")
		_, err := c.eng.RegisterAgent(c.ctx, teg.RegisterParams{Agent: self, Origin: teg.FromSelf})
		require.NoError(t, err)
		require.Equal(t, "0", c.attest(registered, "free", `{}`).Reward.String())
		for i, want := range []string{"0", "0", "5"} {
			r := c.attest(self, "paid", fmt.Sprintf(`{"n":%d}`, i))
			require.Equal(t, teg.AttestationAccepted, r.Status)
			require.Equal(t, want, r.Reward.String(), "a right comes with a score of 2")
			require.Equal(t, i+1, c.score(self))
		}
		require.Equal(t, "0", c.attest(registered, "paid", `{"n":1}`).Reward.String(), "of 7 there are 2 left today")
		c.clock.Advance(12 * time.Hour)
		require.Equal(t, "5", c.attest(registered, "paid", `{"n":2}`).Reward.String(), "another day, UTC")
		c.clock.Advance(24 * time.Hour)
		require.Equal(t, "0", c.attest(registered, "paid", `{"n":3}`).Reward.String(), "of 11 there is 1 left for ever")
	}, withReputation(func(terms *teg.ReputationTerms) { terms.RewardFrom = &least }))
}

// How much is handed in is limited, over all policies, and what failed counts too.
func TestAttestDailyLimit(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agent := c.t, tegtest.Fund(c.t, c.eng, "did:example:a", "1")
		putPolicies(c.t, c.eng, rule("few", "0", `{"cooldown_seconds":0,"daily_limit":3}`), rule("many", "0", `{"cooldown_seconds":60}`))
		for i := range 2 {
			c.attest(agent, "few", fmt.Sprintf(`{"n":%d}`, i))
		}
		c.clock.Advance(time.Hour)
		c.attest(agent, "many", `{}`)
		require.ErrorIs(t, c.refuses(agent, "few", `{}`), teg.ErrCooldown)
		require.ErrorIs(t, c.refuses(agent, "many", `{"n":1}`), teg.ErrCooldown)
		c.clock.Advance(time.Minute)
		c.attest(agent, "many", `{"n":1}`)
		c.clock.Advance(23*time.Hour - time.Minute)
		c.attest(agent, "few", `{}`)
		require.ErrorIs(t, c.refuses(agent, "few", `{"n":9}`), teg.ErrCooldown)
	})
}

// What a schema refuses is told field by field, and changes nothing.
func TestAttestSchema(t *testing.T) {
	t.Parallel()
	c := newMemory(t)
	agent := tegtest.Fund(t, c.eng, "did:example:a", "1")
	putPolicies(c.t, c.eng,
		rule("delivery", "1", `{"data_schema":{"type":"object","required":["order"],"properties":{"order":{"type":"string"},"n":{"maximum":5}}}}`),
		rule("stored", "1", `{"storage_required":true}`))
	err := c.refuses(agent, "delivery", `{"order":7,"n":9}`)
	require.ErrorIs(t, err, teg.ErrInvalidInput)
	var refused *teg.AttestationDataError
	require.True(t, errors.As(err, &refused))
	require.Equal(t, "attestation_data.n", refused.Faults[0].Field)
	require.Equal(t, "attestation_data.order", refused.Faults[1].Field)
	c.attest(agent, "delivery", `{"order":"x"}`)
	var missing *teg.Refusal
	require.ErrorAs(t, c.refuses(agent, "stored", `{}`), &missing)
	require.Equal(t, "storage_pointer", missing.Field)
	_, err = c.eng.Attest(c.ctx, teg.AttestParams{By: agent, Type: "stored", Data: json.RawMessage(`{}`), Pointer: "https://example.com/x"})
	require.ErrorAs(t, err, &missing)
	require.Equal(t, "storage_pointer", missing.Field)
}

// newMemory is an engine over SQLite in memory, for what no database decides.
func newMemory(t *testing.T, options ...func(*teg.Config)) *conduct {
	clock := tegtest.NewClock()
	return &conduct{t: t, ctx: limited(t), clock: clock, eng: tegtest.New(t, append(options, tegtest.WithClock(clock))...)}
}

// A reviewer decides once, and what is rejected may be handed in again.
func TestReviewAttestation(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agent := c.t, tegtest.Fund(c.t, c.eng, "did:example:a", "1")
		putPolicies(c.t, c.eng, rule("work", "5", `{"review_required":true}`))
		c.fill("100")
		first := c.attest(agent, "work", `{"n":1}`)
		require.Equal(t, teg.AttestationPendingReview, first.Status)
		require.Equal(t, "0", first.Reward.String())
		require.Zero(t, c.score(agent))
		require.ErrorIs(t, c.refuses(agent, "work", `{"n":1}`), teg.ErrDuplicateAttestation)
		review := func(id teg.AttestationID, by teg.DID, approved bool, key string) (teg.AttestReceipt, error) {
			return c.eng.ReviewAttestation(c.ctx, teg.ReviewAttestationParams{By: by, AttestationID: id, Approved: approved, Notes: "looked at it", Key: key})
		}
		_, err := review(first.ID, agent, true, "")
		require.ErrorIs(t, err, teg.ErrForbidden)
		_, err = review(teg.AttestationID{1}, tegtest.Admin, true, "")
		require.ErrorIs(t, err, teg.ErrNotFound)
		rejected, err := review(first.ID, tegtest.Admin, false, "no")
		require.NoError(t, err)
		require.Equal(t, teg.AttestationRejected, rejected.Status)
		require.Equal(t, "looked at it", rejected.Notes)
		_, err = review(first.ID, tegtest.Admin, true, "")
		require.ErrorIs(t, err, teg.ErrInvalidState)
		again, err := review(first.ID, tegtest.Admin, false, "no")
		require.NoError(t, err)
		require.True(t, again.Replayed)
		again.Replayed = false
		require.Equal(t, rejected, again)

		second := c.attest(agent, "work", `{"n":1}`)
		require.Equal(t, teg.AttestationPendingReview, second.Status, "neither a duplicate nor too soon")
		c.clock.Advance(time.Minute)
		accepted, err := review(second.ID, tegtest.Admin, true, "yes")
		require.NoError(t, err)
		require.Equal(t, teg.AttestationAccepted, accepted.Status)
		require.Equal(t, "5", accepted.Reward.String())
		require.Equal(t, "6", tegtest.Available(t, c.eng, agent))
		require.Equal(t, 1, c.score(agent))
		outcomes, err := c.eng.Operation(c.ctx, tegtest.Admin, "yes")
		require.NoError(t, err)
		require.Equal(t, []teg.TransactionID{accepted.Transaction}, outcomes[0].TransactionIDs)
		steps, err := c.eng.AttestationHistory(c.ctx, second.ID)
		require.NoError(t, err)
		require.Equal(t, []teg.AttestationStep{
			{Submission: second.ID, Seq: 1, By: agent, Status: teg.AttestationPendingReview, At: second.SubmittedAt},
			{Submission: second.ID, Seq: 2, By: tegtest.Admin, Status: teg.AttestationAccepted, Reward: teg.AVT("5"), Transaction: accepted.Transaction,
				Notes: "looked at it", At: c.clock.Now()},
		}, steps)
	})
}

// Real proofs: what holds for its agent and data is verified; what was another's, was
// changed, or is for another circuit is not.
func TestAttestWithProof(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, circuit := c.t, prooftest.FairMarkup()
		p := rule("fair", "5", `{"cooldown_seconds":0}`)
		p.circuit = circuit.ID
		putPolicies(c.t, c.eng, p, rule("open", "0", `{"cooldown_seconds":0}`))
		c.fill("100")
		tegtest.Fund(t, c.eng, prooftest.Alice.String(), "1")
		tegtest.Fund(t, c.eng, prooftest.Bob.String(), "1")
		attest := func(kind string, by teg.DID, p prooftest.Proof, name string) (teg.AttestReceipt, error) {
			return c.eng.Attest(c.ctx, teg.AttestParams{By: by, Type: kind, Data: p.Data, Proof: &teg.AttestationProof{Circuit: name, Inputs: p.Inputs, Proof: p.Proof}})
		}
		own := circuit.By(prooftest.Alice)
		_, err := attest("fair", prooftest.Alice, own[0], circuit.ID)
		require.ErrorIs(t, err, teg.ErrInvalidInput, "it is not registered yet")
		made, err := c.eng.RegisterCircuit(c.ctx, teg.RegisterCircuitParams{By: tegtest.Admin, ID: circuit.ID, VerifyingKey: circuit.Key, Inputs: circuit.PublicInputNames})
		require.NoError(t, err)
		_, err = c.eng.RegisterCircuit(c.ctx, teg.RegisterCircuitParams{By: tegtest.Admin, ID: circuit.ID, VerifyingKey: circuit.Key, Inputs: circuit.PublicInputNames})
		require.ErrorIs(t, err, teg.ErrAlreadyExists, "circuits never change")
		for _, bad := range []teg.RegisterCircuitParams{
			{By: tegtest.Admin, ID: "other", VerifyingKey: []byte(`{}`), Inputs: circuit.PublicInputNames},
			{By: tegtest.Admin, ID: "other", VerifyingKey: circuit.Key, Inputs: []string{"binding"}},
			{By: tegtest.Admin, ID: "other", VerifyingKey: prooftest.UnfinishedKey(), Inputs: circuit.PublicInputNames},
		} {
			_, err = c.eng.RegisterCircuit(c.ctx, bad)
			require.ErrorIs(t, err, teg.ErrInvalidInput)
		}
		all, err := c.eng.Circuits(c.ctx)
		require.NoError(t, err)
		require.Equal(t, []teg.Circuit{made}, all)

		r, err := attest("fair", prooftest.Alice, own[0], circuit.ID)
		require.NoError(t, err)
		require.Equal(t, teg.AttestationVerified, r.Status)
		require.Equal(t, "5", r.Reward.String())
		malleated := own[0]
		malleated.Proof = prooftest.Malleate(malleated.Proof, 7)
		_, err = attest("fair", prooftest.Alice, malleated, circuit.ID)
		require.ErrorIs(t, err, teg.ErrDuplicateAttestation, "another proof of the same is the same")
		r, err = attest("open", prooftest.Alice, own[1], circuit.ID)
		require.NoError(t, err)
		require.Equal(t, teg.AttestationVerified, r.Status, "a proof that nobody asked for is verified all the same")

		changed := own[1]
		changed.Inputs = append([]string{"1"}, own[1].Inputs[1:]...)
		mixed := own[1]
		mixed.Proof = own[2].Proof
		for name, bad := range map[string]struct {
			by teg.DID
			p  prooftest.Proof
		}{"another agent's": {prooftest.Bob, own[1]}, "changed inputs": {prooftest.Alice, changed}, "the proof of other inputs": {prooftest.Alice, mixed}} {
			r, err := attest("fair", bad.by, bad.p, circuit.ID)
			require.NoError(t, err, name)
			require.Equal(t, teg.AttestationUnverified, r.Status, name)
			require.Equal(t, "0", r.Reward.String(), name)
		}
		_, err = attest("fair", prooftest.Alice, own[1], "range")
		require.ErrorIs(t, err, teg.ErrInvalidInput, "a wrong circuit")
		require.ErrorIs(t, c.refuses(prooftest.Alice, "fair", string(own[1].Data)), teg.ErrInvalidInput, "no proof")
		keyed := func(proof string) (teg.AttestReceipt, error) {
			return c.eng.Attest(c.ctx, teg.AttestParams{By: prooftest.Alice, Type: "fair", Data: own[2].Data, Key: "k", Proof: &teg.AttestationProof{Circuit: circuit.ID, Inputs: changed.Inputs, Proof: []byte(proof)}})
		}
		first, err := keyed(`{"a":"1","b":"2"}`)
		require.NoError(t, err)
		again, err := keyed(` { "b" : "2", "a" : "1" } `)
		require.NoError(t, err, "the same values are the same request, whatever the bytes")
		require.True(t, again.Replayed)
		require.Equal(t, first.ID, again.ID)
		_, err = keyed(`{"a":"1","b":"3"}`)
		require.ErrorIs(t, err, teg.ErrKeyReused)
		_, err = keyed("\xff\x00")
		require.ErrorIs(t, err, teg.ErrInvalidInput)
		short := own[1]
		short.Inputs = short.Inputs[:2]
		_, err = attest("fair", prooftest.Alice, short, circuit.ID)
		require.ErrorIs(t, err, teg.ErrInvalidInput)

		r, err = attest("fair", prooftest.Alice, own[1], circuit.ID)
		require.NoError(t, err)
		require.Equal(t, teg.AttestationVerified, r.Status, "what failed may be sent again")
		require.Equal(t, 3, c.score(prooftest.Alice))
		require.Zero(t, c.score(prooftest.Bob))
	}, withProofs)
}

// A page of circuits shows each once, whatever is registered while they are read.
func TestCircuitsPages(t *testing.T) {
	t.Parallel()
	c := newMemory(t, func(c *teg.Config) { c.Proofs = fakeVerifier{} })
	register := func(id string) {
		_, err := c.eng.RegisterCircuit(c.ctx, teg.RegisterCircuitParams{By: tegtest.Admin, ID: id, VerifyingKey: []byte("{}"), Inputs: []string{"binding"}})
		require.NoError(t, err)
	}
	for _, id := range []string{"m", "k", "z"} { // at one moment
		register(id)
	}
	c.clock.Advance(time.Second)
	var seen []string
	query := teg.CircuitsQuery{Viewer: tegtest.Admin, Limit: 2}
	for {
		page, err := c.eng.CircuitsPage(c.ctx, query)
		require.NoError(t, err)
		for _, found := range page.Circuits {
			seen = append(seen, found.ID)
		}
		if query.Cursor = page.NextCursor; query.Cursor == "" {
			break
		}
		if len(seen) == 2 {
			register("a")
		}
	}
	require.ElementsMatch(t, []string{"m", "k", "z", "a"}, seen)
	page, err := c.eng.CircuitsPage(c.ctx, teg.CircuitsQuery{Viewer: tegtest.Admin, Offset: 3})
	require.NoError(t, err)
	require.Equal(t, []any{"a", int64(4)}, []any{page.Circuits[0].ID, page.Total})
}

// Three proofs that do not hold, within a day, are a flag.
func TestFailedProofsAreFlagged(t *testing.T) {
	t.Parallel()
	c := newMemory(t, withProofs)
	circuit := prooftest.FairMarkup()
	p := rule("fair", "5", `{}`)
	p.circuit = circuit.ID
	putPolicies(c.t, c.eng, p)
	tegtest.Fund(t, c.eng, prooftest.Bob.String(), "1")
	_, err := c.eng.RegisterCircuit(c.ctx, teg.RegisterCircuitParams{By: tegtest.Admin, ID: circuit.ID, VerifyingKey: circuit.Key, Inputs: circuit.PublicInputNames})
	require.NoError(t, err)
	for _, proof := range circuit.By(prooftest.Alice) {
		r, err := c.eng.Attest(c.ctx, teg.AttestParams{
			By: prooftest.Bob, Type: "fair", Data: proof.Data, Proof: &teg.AttestationProof{Circuit: circuit.ID, Inputs: proof.Inputs, Proof: proof.Proof},
		})
		require.NoError(t, err, "a cooldown begins with what stands")
		require.Equal(t, teg.AttestationUnverified, r.Status)
	}
	_, err = c.eng.Audit(c.ctx)
	require.NoError(t, err)
	flags, err := c.eng.Flags(c.ctx, teg.FlagsQuery{Agent: prooftest.Bob})
	require.NoError(t, err)
	require.Len(t, flags.Flags, 1)
	require.Equal(t, auditor.FailedProofs, flags.Flags[0].Code)
}
