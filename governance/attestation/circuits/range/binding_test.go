package main

import (
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark/backend/groth16"
	bn254 "github.com/consensys/gnark/backend/groth16/bn254"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/frontend/cs/r1cs"
	"github.com/stretchr/testify/require"
)

// summed uses its binding, and in a way that binds nothing.
type summed struct {
	Binding frontend.Variable `gnark:"binding,public"`
	Square  frontend.Variable `gnark:"square,public"`
	Root    frontend.Variable `gnark:"root"`
	Hidden  frontend.Variable `gnark:"hidden"`
}

func (c *summed) Define(api frontend.API) error {
	api.AssertIsEqual(api.Mul(c.Root, c.Root), c.Square)
	api.AssertIsEqual(api.Add(c.Binding, c.Hidden), 7)
	return nil
}

// exchanged says whether somebody who has a proof and the public keys, and knows nothing
// that is hidden, finds one point to take off C so that the proof holds for other inputs.
func exchanged(t *testing.T, circuit, proven, other frontend.Circuit) bool {
	t.Helper()
	field := ecc.BN254.ScalarField()
	system, err := frontend.Compile(field, r1cs.NewBuilder, circuit)
	require.NoError(t, err)
	pk, vk, err := groth16.Setup(system)
	require.NoError(t, err)
	witness, err := frontend.NewWitness(proven, field)
	require.NoError(t, err)
	proof, err := groth16.Prove(system, pk, witness)
	require.NoError(t, err)
	public, err := frontend.NewWitness(other, field, frontend.PublicOnly())
	require.NoError(t, err)
	require.Error(t, groth16.Verify(proof, vk, public))
	points := pk.(*bn254.ProvingKey).G1.K
	for i := range points {
		stolen := *proof.(*bn254.Proof)
		stolen.Krs.Sub(&stolen.Krs, &points[i])
		if groth16.Verify(&stolen, vk, public) == nil {
			return true
		}
	}
	return false
}

// A binding that only stands in a sum with a hidden number is exchanged by anybody; one
// that is squared, as in the circuit here, is not.
func TestBindingIsSquared(t *testing.T) {
	require.True(t, exchanged(t, &summed{},
		&summed{Binding: 5, Square: 9, Root: 3, Hidden: 2}, &summed{Binding: 6, Square: 9}))
	blinding := blindingFrom("test")
	mine := &Circuit{
		Minimum: 10, Maximum: 20, Commitment: commit(n(15), blinding), Binding: 5, Value: 15, Blinding: new(big.Int).Set(blinding),
	}
	theirs := *mine
	theirs.Binding = 6
	require.False(t, exchanged(t, &Circuit{}, mine, &theirs))
}
