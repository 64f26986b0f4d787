package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/open-policy-agent/opa/v1/tester"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/decider/rego"
)

const told = `alice pays did:example:bob 1000 AVT: done
alice pays did:example:bob 1000.000000000000000001 AVT: denied by policy: 1000.000000000000000001 AVT are more than the 1000 that you may move at once
alice pays did:example:mallory 1 AVT: denied by policy: payments to this agent are not allowed
`

func TestPolicy(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), "policies", &out))
	require.Equal(t, told, out.String())
}

// The policy's own tests, as `opa test examples/policy/policies` runs them.
func TestPolicyInRego(t *testing.T) {
	t.Parallel()
	results, err := tester.Run(t.Context(), "policies")
	require.NoError(t, err)
	require.NotEmpty(t, results)
	for _, r := range results {
		require.NoError(t, r.Error, r.Name)
		require.False(t, r.Fail, r.Name)
	}
}

// No element of a batch is overlooked, and the rules for one act are those for many.
func TestPolicyOfBatches(t *testing.T) {
	t.Parallel()
	d, err := rego.Open(t.Context(), rego.Config{Dir: "policies"})
	require.NoError(t, err)
	pay := func(to teg.DID, sum string) teg.Intent {
		return teg.Intent{Verb: store.VerbTransfer, By: alice, Sender: alice, Receiver: to, Amount: teg.AVT(sum), Roles: []string{"agent"}, Batch: true}
	}
	var intents []teg.Intent
	for range teg.MaxBatch / 4 {
		intents = append(intents, pay(bob, "1"), pay(mallory, "1"), pay(bob, "1001"), pay(mallory, "2000"))
	}
	verdicts, err := d.Decide(t.Context(), intents)
	require.NoError(t, err)
	for i, v := range verdicts {
		require.Equal(t, i%4 == 0, v.Allow, i)
		require.Equal(t, i%4 == 0, v.Reason == "", i)
	}
}
