package groth16

import (
	"encoding/json"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
)

// Bounds of a key.
const (
	// MaxInputs is how many public inputs a key may be for.
	MaxInputs = 256
	// MaxKeySize is how many bytes a key may have.
	MaxKeySize = 128 << 10
)

// lines are what a pairing needs of a point of G₂ that does not change.
type lines = [2][len(bn254.LoopCounter)]bn254.LineEvaluationAff

// key is what verifying needs of a verifying key.
type key struct {
	alphaBeta bn254.GT // e(α, β)
	lines     [2]lines // of -γ and -δ
	ic        []bn254.G1Affine
}

// parseKey reads a key and refuses one that must not be used.
func parseKey(text []byte) (*key, error) {
	d, err := readObject(text, MaxKeySize, keyMembers)
	if err != nil {
		return nil, err
	}
	if !d.says("protocol", "groth16") {
		return nil, fault("protocol", "is not groth16")
	}
	if !d.namesCurve() {
		return nil, fault("curve", "is not bn128")
	}
	k := &key{}
	if k.ic, err = d.inputPoints(); err != nil {
		return nil, err
	}
	return k, k.setPoints(d)
}

// inputPoints reads the points of the public inputs, and that of the constant one.
func (d document) inputPoints() ([]bn254.G1Affine, error) {
	var count *int
	if err := json.Unmarshal(d["nPublic"], &count); err != nil || count == nil {
		return nil, fault("nPublic", "is not a number of inputs")
	}
	var list []json.RawMessage
	if err := json.Unmarshal(d["IC"], &list); err != nil {
		return nil, fault("IC", "is not a list of points")
	}
	if *count < 0 || *count > MaxInputs || len(list) != *count+1 {
		return nil, fmt.Errorf("IC has %d points, where nPublic, at most %d, and one are wanted", len(list), MaxInputs)
	}
	points := make([]bn254.G1Affine, len(list))
	for i, text := range list {
		var err error
		if points[i], err = parseG1(fmt.Sprintf("IC[%d]", i), text); err != nil {
			return nil, err
		}
	}
	return points, distinct(points)
}

// distinct refuses points of which two are equal, or opposite: of their inputs only
// the sum, or the difference, would be proven, and anybody could shift one against
// the other.
func distinct(points []bn254.G1Affine) error {
	seen := make(map[fp.Element]int, len(points))
	for i, p := range points {
		if other, ok := seen[p.X]; ok {
			return fmt.Errorf("IC[%d] is IC[%d], or its opposite", i, other)
		}
		seen[p.X] = i
	}
	return nil
}

func (k *key) setPoints(d document) error {
	alpha, err := parseG1("vk_alpha_1", d["vk_alpha_1"])
	if err != nil {
		return err
	}
	var points [3]bn254.G2Affine
	for i, name := range [...]string{"vk_beta_2", "vk_gamma_2", "vk_delta_2"} {
		if points[i], err = parseG2(name, d[name]); err != nil {
			return err
		}
	}
	beta, gamma, delta := points[0], points[1], points[2]
	// A point and its opposite have the same x.
	switch {
	case gamma.X.Equal(&delta.X):
		return fault("vk_gamma_2", "is vk_delta_2, or its opposite: nobody has contributed to the circuit's keys, and anything can be proven")
	case beta.X.Equal(&gamma.X), beta.X.Equal(&delta.X):
		return fault("vk_beta_2", "is vk_gamma_2 or vk_delta_2, or its opposite: anything can be proven")
	}
	k.lines[0] = bn254.PrecomputeLines(*gamma.Neg(&gamma))
	k.lines[1] = bn254.PrecomputeLines(*delta.Neg(&delta))
	k.alphaBeta, err = bn254.Pair([]bn254.G1Affine{alpha}, []bn254.G2Affine{beta})
	return err
}
