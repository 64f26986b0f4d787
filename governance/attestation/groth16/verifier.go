package groth16

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	lru "github.com/hashicorp/golang-lru/v2"
)

// keysKept is how many keys are remembered, each in 34 to 51 KiB.
const keysKept = 64

// Verifier verifies proofs. It remembers the keys that it used last, as reading one
// takes longer than a proof does. It is safe for concurrent use; make it with
// [New].
type Verifier struct {
	keys *lru.Cache[[sha256.Size]byte, *key] // nil: none is remembered
}

// New makes a verifier.
func New() *Verifier {
	keys, err := lru.New[[sha256.Size]byte, *key](keysKept)
	if err != nil { // never: a size above zero is none that is refused
		return &Verifier{}
	}
	return &Verifier{keys}
}

// CheckKey returns how many public inputs a verifying key, as snarkjs writes it, is
// for, at most [MaxInputs]. It refuses, with [ErrInvalidKey], what is no such key or
// one of which can be seen that it must not be used:
//
//   - a point that is not in its group, or at infinity. An input whose point is at
//     infinity would be no part of what is proven;
//   - two inputs with one point, of which only the sum would be proven;
//   - two that are equal among β, γ and δ. That γ = δ is how snarkjs leaves a key to
//     which nobody has contributed: with it, anybody proves anything.
//
// It cannot see whether somebody kept the secrets that the key was made from.
func (v *Verifier) CheckKey(key []byte) (inputs int, err error) {
	k, err := v.load(key)
	if err != nil {
		return 0, err
	}
	return len(k.ic) - 1, nil
}

// Verify returns nil where the proof, as snarkjs writes it, holds for these public
// inputs, which are decimal numbers in the order of the circuit. Else it returns
// [ErrNotVerified], or [ErrMalformed] where the proof or the inputs cannot be any of
// this key, or [ErrInvalidKey].
func (v *Verifier) Verify(key []byte, inputs []string, proof []byte) error {
	k, err := v.load(key)
	if err != nil {
		return err
	}
	scalars, err := parseInputs(inputs, len(k.ic)-1)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	p, err := parseProof(proof)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return k.verify(p, scalars)
}

// load reads a key, or finds it among those that were read.
func (v *Verifier) load(text []byte) (*key, error) {
	if len(text) > MaxKeySize {
		return nil, fmt.Errorf("%w: %w", ErrInvalidKey, errors.New("the document is too long"))
	}
	sum := sha256.Sum256(text)
	if v.keys != nil {
		if k, ok := v.keys.Get(sum); ok {
			return k, nil
		}
	}
	k, err := parseKey(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidKey, err)
	}
	if v.keys != nil {
		v.keys.Add(sum, k)
	}
	return k, nil
}

// verify decides the equation of the package's comment, with the factors of γ and δ
// brought to its left side.
func (k *key) verify(p proof, inputs []fr.Element) error {
	sum, err := k.combine(inputs)
	if err != nil {
		return ErrNotVerified
	}
	used := k.lines // a copy, as the library writes into what it is given
	fixed, err := bn254.MillerLoopFixedQ([]bn254.G1Affine{sum, p.c}, used[:])
	if err != nil {
		return ErrNotVerified
	}
	free, err := bn254.MillerLoop([]bn254.G1Affine{p.a}, []bn254.G2Affine{p.b})
	if err != nil {
		return ErrNotVerified
	}
	if product := bn254.FinalExponentiation(&fixed, &free); !product.Equal(&k.alphaBeta) {
		return ErrNotVerified
	}
	return nil
}

// combine is IC₀ + Σ xᵢ·ICᵢ.
func (k *key) combine(inputs []fr.Element) (bn254.G1Affine, error) {
	sum := k.ic[0]
	if len(inputs) == 0 {
		return sum, nil
	}
	var terms bn254.G1Affine
	_, err := terms.MultiExp(k.ic[1:], inputs, ecc.MultiExpConfig{NbTasks: 1})
	sum.Add(&sum, &terms)
	return sum, err
}
