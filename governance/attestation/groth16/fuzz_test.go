package groth16_test

import (
	"bytes"
	"errors"
	"math/big"
	"slices"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/attestation/groth16"
	"github.com/agentvault/teg-layer/governance/attestation/groth16/prooftest"
)

// seed adds documents, and what is left of them when they are cut or one byte of them
// is another.
func seed(f *testing.F, texts ...[]byte) {
	for _, text := range texts {
		f.Add(text)
		f.Add(text[:len(text)/2])
		for _, at := range []int{2, len(text) / 3, len(text) - 3} {
			changed := bytes.Clone(text)
			changed[at] ^= 1
			f.Add(changed)
		}
	}
	for _, text := range []string{"", "{}", "null", `{"protocol":null}`, `{"IC":[[]],"nPublic":0}`, `{"pi_b":[["1"]]}`} {
		f.Add([]byte(text))
	}
}

// Whatever is read as a proof, there is an answer: one of three errors, or none, and
// then all of its bytes that matter are those of a proof of this statement.
func FuzzProof(f *testing.F) {
	c := prooftest.FairMarkup()
	v, p := groth16.New(), c.Proofs[0]
	seed(f, p.Proof, c.Proofs[1].Proof, prooftest.Malleate(p.Proof, 3), prooftest.Range().Proofs[0].Proof)
	f.Fuzz(func(t *testing.T, text []byte) {
		before := bytes.Clone(text)
		err := v.Verify(c.Key, p.Inputs, text)
		require.Equal(t, before, text, "what was given is left alone")
		require.True(t, err == nil || errors.Is(err, groth16.ErrMalformed) || errors.Is(err, groth16.ErrNotVerified), err)
		if err == nil {
			require.ErrorIs(t, v.Verify(c.Key, c.Proofs[1].Inputs, text), groth16.ErrNotVerified)
			require.NoError(t, v.Verify(c.Key, p.Inputs, prooftest.Malleate(text, 2)))
		}
	})
}

// A key is refused, or it is for a number of inputs with which it can be used.
func FuzzKey(f *testing.F) {
	c := prooftest.FairMarkup()
	seed(f, c.Key, prooftest.UnfinishedKey(), prooftest.Range().Key, plainTrapdoor(0).key(f))
	f.Fuzz(func(t *testing.T, text []byte) {
		v := groth16.New()
		inputs, err := v.CheckKey(text)
		if err != nil {
			require.ErrorIs(t, err, groth16.ErrInvalidKey)
			require.Zero(t, inputs)
			require.ErrorIs(t, v.Verify(text, c.Proofs[0].Inputs, c.Proofs[0].Proof), groth16.ErrInvalidKey)
			return
		}
		require.LessOrEqual(t, inputs, groth16.MaxInputs)
		err = v.Verify(text, slices.Repeat([]string{"1"}, inputs), c.Proofs[0].Proof)
		require.ErrorIs(t, err, groth16.ErrNotVerified)
	})
}

// What is taken for an input is the one way to write a number of the field.
func FuzzInput(f *testing.F) {
	c := prooftest.FairMarkup()
	v, p := groth16.New(), c.Proofs[0]
	for _, text := range append(slices.Clone(p.Inputs), "0", "-1", "01", "0x1", "1e3", fr.Modulus().String(), "") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		err := v.Verify(c.Key, []string{p.Inputs[0], p.Inputs[1], p.Inputs[2], text}, p.Proof)
		n, ok := new(big.Int).SetString(text, 10)
		canonical := ok && n.Sign() >= 0 && n.Cmp(fr.Modulus()) < 0 && n.String() == text
		switch {
		case text == p.Inputs[3]:
			require.NoError(t, err)
		case canonical:
			require.ErrorIs(t, err, groth16.ErrNotVerified)
		default:
			require.ErrorIs(t, err, groth16.ErrMalformed)
		}
	})
}
