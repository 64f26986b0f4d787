package main

import (
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/test"
	"github.com/stretchr/testify/require"
)

// solved says whether the circuit holds for a number between two others.
func solved(minimum, maximum, value *big.Int, change func(*Circuit)) bool {
	blinding := blindingFrom("test")
	c := &Circuit{
		Minimum: minimum, Maximum: maximum, Commitment: commit(value, blinding), Binding: 7, Value: value, Blinding: blinding,
	}
	if change != nil {
		change(c)
	}
	return test.IsSolved(&Circuit{}, c, ecc.BN254.ScalarField()) == nil
}

func n(v int64) *big.Int { return big.NewInt(v) }

func TestRange(t *testing.T) {
	top := new(big.Int).SetUint64(1<<64 - 1)
	above := new(big.Int).Add(top, n(1))
	below := new(big.Int).Sub(fr.Modulus(), n(1)) // what minus one is in the field
	for _, c := range []struct {
		minimum, maximum, value *big.Int
		holds                   bool
	}{
		{n(10), n(20), n(10), true}, {n(10), n(20), n(15), true}, {n(10), n(20), n(20), true},
		{n(10), n(20), n(9), false}, {n(10), n(20), n(21), false}, {n(10), n(20), below, false},
		{n(0), n(0), n(0), true}, {n(20), n(10), n(15), false}, {n(20), n(10), n(20), false},
		{n(0), top, top, true}, {top, top, top, true}, {n(0), top, above, false}, {n(0), above, n(1), false},
		{below, n(10), n(5), false}, {n(0), below, n(5), false},
	} {
		require.Equal(t, c.holds, solved(c.minimum, c.maximum, c.value, nil), "%s in %s to %s", c.value, c.minimum, c.maximum)
	}
}

func TestCommitment(t *testing.T) {
	require.False(t, solved(n(10), n(20), n(15), func(c *Circuit) { c.Value = 16 }), "another number than the one committed to")
	require.False(t, solved(n(10), n(20), n(15), func(c *Circuit) { c.Blinding = 1 }))
	require.True(t, solved(n(10), n(20), n(15), func(c *Circuit) { c.Binding = 8 }), "the binding is anything")
}
