package groth16

import (
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// MaxProofSize is how many bytes a proof may have; snarkjs writes about 800.
const MaxProofSize = 4096

// proof is the three points of a proof, each in its group.
type proof struct {
	a, c bn254.G1Affine
	b    bn254.G2Affine
}

func parseProof(text []byte) (proof, error) {
	var p proof
	d, err := readObject(text, MaxProofSize, proofMembers)
	if err != nil {
		return p, err
	}
	if !d.says("protocol", "groth16") {
		return p, fault("protocol", "is not groth16")
	}
	if _, ok := d["curve"]; ok && !d.namesCurve() {
		return p, fault("curve", "is not bn128")
	}
	if p.a, err = parseG1("pi_a", d["pi_a"]); err != nil {
		return p, err
	}
	if p.b, err = parseG2("pi_b", d["pi_b"]); err != nil {
		return p, err
	}
	p.c, err = parseG1("pi_c", d["pi_c"])
	return p, err
}

// namesCurve reports whether the document is of BN254, by either of its names.
func (d document) namesCurve() bool { return d.says("curve", "bn128") || d.says("curve", "bn254") }

// parseInputs reads the public inputs.
func parseInputs(inputs []string, want int) ([]fr.Element, error) {
	if len(inputs) != want {
		return nil, fmt.Errorf("there are %d public inputs, and the key is for %d", len(inputs), want)
	}
	scalars := make([]fr.Element, len(inputs))
	for i, text := range inputs {
		n, ok := parseNumber(text, modulusR)
		if !ok {
			return nil, fmt.Errorf("public input %d is not a number in decimal below the modulus", i)
		}
		scalars[i].SetBigInt(n)
	}
	return scalars, nil
}
