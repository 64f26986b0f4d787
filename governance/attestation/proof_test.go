package attestation_test

import (
	"crypto/sha256"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/governance/attestation/groth16/prooftest"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
)

// The tools that made the proofs bind them as is done here.
func TestBindingOfRealProofs(t *testing.T) {
	circuit := prooftest.FairMarkup()
	for _, p := range circuit.Proofs {
		data, err := attestation.Canonical(p.Data)
		require.NoError(t, err)
		require.Equal(t, string(p.Data), data.Text)
		require.NoError(t, attestation.CheckStatement(circuit.PublicInputNames, p.Inputs, p.Agent, data))
		other := prooftest.Alice
		if p.Agent == other {
			other = prooftest.Bob
		}
		require.Error(t, attestation.CheckStatement(circuit.PublicInputNames, p.Inputs, other, data), "another agent's")
		changed, err := attestation.Canonical([]byte(strings.Replace(data.Text, `"order":"`, `"order":"x`, 1)))
		require.NoError(t, err)
		require.Error(t, attestation.CheckStatement(circuit.PublicInputNames, p.Inputs, p.Agent, changed), "other data")
	}
}

// A binding is below the order of BN254, and one for each agent and data.
func TestBinding(t *testing.T) {
	order, _ := new(big.Int).SetString("21888242871839275222246405745257275088548364400416034343698204186575808495617", 10)
	rapid.Check(t, func(t *rapid.T) {
		agent := did.MustParse("did:example:" + rapid.StringMatching(`[a-z]{1,20}`).Draw(t, "agent"))
		hash := sha256.Sum256([]byte(rapid.String().Draw(t, "data")))
		binding, ok := new(big.Int).SetString(attestation.Binding(agent, hash), 10)
		require.True(t, ok)
		require.Negative(t, binding.Cmp(order))
		hash[rapid.IntRange(0, 31).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		require.NotEqual(t, binding.String(), attestation.Binding(agent, hash))
	})
}

// Inputs that are called as members of the data say what these say.
func TestStatement(t *testing.T) {
	agent := did.MustParse("did:example:a")
	check := func(text string, input string) error {
		data, err := attestation.Canonical([]byte(text))
		require.NoError(t, err)
		return attestation.CheckStatement([]string{"n", "binding"}, []string{input, attestation.Binding(agent, data.Hash)}, agent, data)
	}
	for _, same := range [][2]string{{`{"n":5}`, "5"}, {`{"n":"5"}`, "5"}, {`{"n":0}`, "0"}, {`{}`, "7"}, {`{"m":{"n":5}}`, "7"}, {`{"n":5.0}`, "5"},
		{`{"n":"340282366920938463463374607431768211456"}`, "340282366920938463463374607431768211456"}} {
		require.NoError(t, check(same[0], same[1]), same)
	}
	for _, other := range [][2]string{{`{"n":5}`, "6"}, {`{"n":-5}`, "5"}, {`{"n":"05"}`, "5"}, {`{"n":5.5}`, "5"}, {`{"n":null}`, "0"}, {`{"n":true}`, "1"},
		{`{"n":[5]}`, "5"}, {`{"n":{}}`, "0"}, {`{"n":""}`, "0"}, {`{"n":1e21}`, "1000000000000000000000"}} {
		require.Error(t, check(other[0], other[1]), other)
	}
	data, err := attestation.Canonical([]byte(`{}`))
	require.NoError(t, err)
	require.Error(t, attestation.CheckStatement([]string{"binding"}, nil, agent, data), "one input is missing")
}

func TestProofShape(t *testing.T) {
	sound := func() attestation.Proof {
		return attestation.Proof{Circuit: "fair_markup", Inputs: []string{"0", "12"}, Proof: []byte("{}")}
	}
	p := sound()
	require.NoError(t, p.Check())
	for field, spoil := range map[string]func(*attestation.Proof){
		"zkp_proof.circuit_id":       func(p *attestation.Proof) { p.Circuit = "a b" },
		"zkp_proof.proof":            func(p *attestation.Proof) { p.Proof = nil },
		"zkp_proof.public_inputs":    func(p *attestation.Proof) { p.Inputs = make([]string, attestation.MaxInputs+1) },
		"zkp_proof.public_inputs[1]": func(p *attestation.Proof) { p.Inputs[1] = "+12" },
	} {
		p := sound()
		spoil(&p)
		var refused *ledger.Refusal
		require.ErrorAs(t, p.Check(), &refused)
		require.Equal(t, field, refused.Field)
	}
	for _, bytes := range []string{"\xff", "{\x00}", strings.Repeat(" ", attestation.MaxProof+1)} {
		p := sound()
		p.Proof = []byte(bytes)
		require.ErrorIs(t, p.Check(), ledger.ErrInvalidInput, "no database keeps %q as it is", bytes)
	}
	for _, input := range []string{"", "-1", "01", "1e3", "0x1", "١", strings.Repeat("1", 101)} {
		p := sound()
		p.Inputs[0] = input
		require.Error(t, p.Check(), input)
	}
}

// The same proof written otherwise is the same request; its numbers are left alone.
func TestCanonicalProof(t *testing.T) {
	for given, want := range map[string]string{
		"{ \"b\": [ 1.0, \"2\" ],\n \"a\": 18446744073709551617 }": `{"a":18446744073709551617,"b":[1.0,"2"]}`,
		`{"a":1,"a":2}`: `{"a":1,"a":2}`, "raw bytes ": "raw bytes ",
	} {
		p := attestation.Proof{Proof: []byte(given)}
		require.Equal(t, want, p.Canonical())
		require.Equal(t, given, string(p.Proof), "which is kept as it was handed in")
	}
}

func TestNewCircuit(t *testing.T) {
	key, by, at := []byte("{}"), did.MustParse("did:example:admin"), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c, err := attestation.NewCircuit("range", key, []string{"minimum", "binding"}, by, at)
	require.NoError(t, err)
	require.Equal(t, []string{"minimum", "binding"}, c.Inputs())
	require.Equal(t, fmt.Sprintf("%x", sha256.Sum256(key)), c.Hash)
	for name, bad := range map[string]func() error{
		"no name":    func() error { _, err := attestation.NewCircuit("", key, []string{"binding"}, by, at); return err },
		"a bad name": func() error { _, err := attestation.NewCircuit("a/b", key, []string{"binding"}, by, at); return err },
		"no key":     func() error { _, err := attestation.NewCircuit("a", nil, []string{"binding"}, by, at); return err },
		"no text": func() error {
			_, err := attestation.NewCircuit("a", []byte("\xff"), []string{"binding"}, by, at)
			return err
		},
		"no inputs":  func() error { _, err := attestation.NewCircuit("a", key, nil, by, at); return err },
		"no binding": func() error { _, err := attestation.NewCircuit("a", key, []string{"n"}, by, at); return err },
		"a name twice": func() error {
			_, err := attestation.NewCircuit("a", key, []string{"binding", "n", "n"}, by, at)
			return err
		},
		"an empty name": func() error { _, err := attestation.NewCircuit("a", key, []string{"binding", ""}, by, at); return err },
		"a long key": func() error {
			_, err := attestation.NewCircuit("a", make([]byte, attestation.MaxKey+1), []string{"binding"}, by, at)
			return err
		},
	} {
		require.ErrorIs(t, bad(), ledger.ErrInvalidInput, name)
	}
}
