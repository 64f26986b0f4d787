package teg_test

import (
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/attestation/groth16/prooftest"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// engines are two engines on one database, as two servers would be.
func engines(t *testing.T, c *conduct, st store.Store, options ...func(*teg.Config)) []*teg.Engine {
	return []*teg.Engine{c.eng, tegtest.Over(t, st, append(options, tegtest.WithClock(c.clock))...)}
}

// One proof, handed in by fifty at once and altered by most of them, is paid once: its
// agent is the one whom it names, and its data is the same.
func TestOneProofAtOnce(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		c := newConduct(t, st, withProofs)
		both := engines(t, c, st, withProofs)
		circuit := prooftest.FairMarkup()
		p := rule("fair", "5", `{"cooldown_seconds":0,"daily_limit":100}`)
		p.circuit = circuit.ID
		putPolicies(t, c.eng, p)
		c.fill("100")
		for _, agent := range []teg.DID{prooftest.Alice, prooftest.Bob} {
			tegtest.Fund(t, c.eng, agent.String(), "1")
		}
		_, err := c.eng.RegisterCircuit(c.ctx, teg.RegisterCircuitParams{By: tegtest.Admin, ID: circuit.ID, VerifyingKey: circuit.Key, Inputs: circuit.PublicInputNames})
		require.NoError(t, err)
		proof := circuit.By(prooftest.Alice)[0]
		var verified, refused atomic.Int64
		together(50, func(i int) {
			by, bytes := prooftest.Alice, prooftest.Malleate(proof.Proof, uint64(1+i%5))
			if i%10 == 9 {
				by = prooftest.Bob
			}
			r, err := both[i%2].Attest(c.ctx, teg.AttestParams{
				By: by, Type: "fair", Data: proof.Data, Proof: &teg.AttestationProof{Circuit: circuit.ID, Inputs: proof.Inputs, Proof: bytes},
			})
			switch {
			case by == prooftest.Bob:
				require.NoError(t, err)
				require.Equal(t, teg.AttestationUnverified, r.Status)
			case err == nil:
				require.Equal(t, teg.AttestationVerified, r.Status)
				verified.Add(1)
			default:
				require.ErrorIs(t, err, teg.ErrDuplicateAttestation)
				refused.Add(1)
			}
		})
		require.EqualValues(t, 1, verified.Load())
		require.EqualValues(t, 44, refused.Load())
		require.Equal(t, "6", tegtest.Available(t, c.eng, prooftest.Alice))
		require.Equal(t, "1", tegtest.Available(t, c.eng, prooftest.Bob))
		require.Equal(t, 1, c.score(prooftest.Alice))
	})
}

// A budget that many want at once is used up to the last unit, and no further.
func TestBudgetAtOnce(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		c := newConduct(t, st)
		both := engines(t, c, st)
		putPolicies(t, c.eng, rule("work", "5", `{"reward_budget_per_day":"52"}`))
		c.fill("35")
		agents := tegtest.FundMany(t, c.eng, 40, "1")
		statuses := make([]teg.AttestReceipt, len(agents))
		together(len(agents), func(i int) {
			r, err := both[i%2].Attest(c.ctx, teg.AttestParams{By: agents[i], Type: "work", Data: json.RawMessage(`{}`)})
			require.NoError(t, err)
			statuses[i] = r
		})
		counted := map[string]int{}
		for _, r := range statuses {
			counted[r.Status.String()+" "+r.Reward.String()]++
		}
		require.Equal(t, map[string]int{"accepted 5": 7, "pending_reward 5": 3, "accepted 0": 30}, counted)
		c.fill("100")
		together(4, func(i int) { require.NoError(t, both[i%2].Tick(c.ctx)) })
		treasury, err := c.eng.Treasury(c.ctx)
		require.NoError(t, err)
		require.Equal(t, "85", treasury.Balance.String(), "each was paid once")
	})
}

// Reviewers who decide at once decide once.
func TestReviewsAtOnce(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		c := newConduct(t, st)
		both := engines(t, c, st)
		putPolicies(t, c.eng, rule("work", "5", `{"review_required":true}`))
		c.fill("100")
		agent := tegtest.Fund(t, c.eng, "did:example:a", "1")
		s := c.attest(agent, "work", `{}`)
		var decided atomic.Int64
		together(20, func(i int) {
			_, err := both[i%2].ReviewAttestation(c.ctx, teg.ReviewAttestationParams{
				By: teg.Agent(fmt.Sprint("did:example:reviewer-", i)), AttestationID: s.ID, Approved: i%3 == 0,
			})
			if err == nil {
				decided.Add(1)
				return
			}
			require.ErrorIs(t, err, teg.ErrInvalidState)
		})
		require.EqualValues(t, 1, decided.Load())
		now := c.attestation(s.ID)
		require.Contains(t, []teg.AttestationStatus{teg.AttestationAccepted, teg.AttestationRejected}, now.Status)
		require.EqualValues(t, 2, now.Steps)
	})
}

// Policies that change while attestations are under way: each is decided by one version
// of its policy, from its schema to its reward.
func TestPolicyChangesMeanwhile(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		c := newConduct(t, st)
		both := engines(t, c, st)
		putPolicies(t, c.eng, rule("work", "1", `{}`))
		c.fill("1000")
		agents := tegtest.FundMany(t, c.eng, 30, "1")
		of, err := c.eng.Policies(c.ctx, teg.PoliciesQuery{})
		require.NoError(t, err)
		const versions = 6 // fewer than an attestation is looked at again
		together(len(agents)+1, func(i int) {
			if i == len(agents) {
				for n := range versions {
					_, err := c.eng.PutPolicy(c.ctx, teg.PutPolicyParams{By: tegtest.Admin, ID: of.Policies[0].ID, PolicyEdit: teg.PolicyEdit{
						Reward: ref(teg.AVT(fmt.Sprint(n + 2))), Parameters: ref(fmt.Sprintf(`{"data_schema":{"properties":{"v":{"maximum":%d}}}}`, n)),
					}})
					require.NoError(t, err)
				}
				return
			}
			r, err := both[i%2].Attest(c.ctx, teg.AttestParams{By: agents[i], Type: "work", Data: json.RawMessage(`{"v":3}`)})
			if err != nil {
				require.ErrorIs(t, err, teg.ErrInvalidInput, "a schema between the second and the fourth wants less")
				return
			}
			require.Equal(t, fmt.Sprint(r.Version), r.Reward.String(), "what that version promised")
			require.True(t, r.Version == 1 || r.Version >= 5, "version %d takes no more than %d", r.Version, r.Version-2)
		})
	})
}

// Within a host's transaction an attestation is committed with it, or not at all.
func TestAttestInHostTransaction(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		c := newConduct(t, st, withProofs)
		putPolicies(t, c.eng, rule("work", "5", `{}`))
		c.fill("100")
		agent := tegtest.Fund(t, c.eng, "did:example:a", "1")
		for _, commit := range []bool{false, true} {
			tx, host := hostOf(t, st, nil)
			inside := c.eng.Using(host)
			r, err := inside.Attest(c.ctx, teg.AttestParams{By: agent, Type: "work", Data: json.RawMessage(`{}`), Key: "k"})
			require.NoError(t, err)
			require.Equal(t, "5", r.Reward.String())
			again, err := inside.Attest(c.ctx, teg.AttestParams{By: agent, Type: "work", Data: json.RawMessage(`{}`), Key: "k"})
			require.NoError(t, err)
			require.True(t, again.Replayed)
			if commit {
				require.NoError(t, tx.Commit())
				require.Equal(t, "6", tegtest.Available(t, c.eng, agent))
				continue
			}
			require.NoError(t, tx.Rollback())
			_, err = c.eng.Attestation(c.ctx, r.ID)
			require.ErrorIs(t, err, teg.ErrNotFound)
		}
	})
}
