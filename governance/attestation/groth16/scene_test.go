package groth16_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/governance/attestation/groth16/prooftest"
)

var circuits = []prooftest.Circuit{prooftest.FairMarkup(), prooftest.Range()}

// edit takes a document apart, changes it, and writes it again.
func edit(t require.TestingT, text []byte, change func(map[string]any)) []byte {
	members := map[string]any{}
	require.NoError(t, json.Unmarshal(text, &members))
	change(members)
	changed, err := json.Marshal(members)
	require.NoError(t, err)
	return changed
}

// set puts a value at a path like "pi_b/0/1".
func set(t require.TestingT, text []byte, path string, value any) []byte {
	return edit(t, text, func(members map[string]any) {
		place, steps := any(members), strings.Split(path, "/")
		for i, step := range steps {
			last := i == len(steps)-1
			switch within := place.(type) {
			case map[string]any:
				if place = within[step]; last {
					within[step] = value
				}
			case []any:
				at := int(step[0] - '0')
				if place = within[at]; last {
					within[at] = value
				}
			}
		}
	})
}

// get reads the string at a path.
func get(t require.TestingT, text []byte, path string) string {
	var place any
	require.NoError(t, json.Unmarshal(text, &place))
	for step := range strings.SplitSeq(path, "/") {
		if within, ok := place.(map[string]any); ok {
			place = within[step]
		} else {
			place = place.([]any)[step[0]-'0']
		}
	}
	return place.(string)
}

func number(t require.TestingT, text string) *big.Int {
	n, ok := new(big.Int).SetString(text, 10)
	require.True(t, ok)
	return n
}

// plus adds to a number in decimal.
func plus(t require.TestingT, text string, n *big.Int) string {
	return new(big.Int).Add(number(t, text), n).String()
}

// Points as snarkjs writes them.

func writeG1(p bn254.G1Affine) []string { return []string{digits(p.X), digits(p.Y), "1"} }

func writeG2(p bn254.G2Affine) [][]string {
	return [][]string{{digits(p.X.A0), digits(p.X.A1)}, {digits(p.Y.A0), digits(p.Y.A1)}, {"1", "0"}}
}

func digits(e fp.Element) string { return e.BigInt(new(big.Int)).String() }

func timesG1(k fr.Element) (p bn254.G1Affine) {
	p.ScalarMultiplicationBase(k.BigInt(new(big.Int)))
	return p
}

func timesG2(k fr.Element) (p bn254.G2Affine) {
	p.ScalarMultiplicationBase(k.BigInt(new(big.Int)))
	return p
}

func scalar(n uint64) (e fr.Element) { return *e.SetUint64(n) }

// trapdoor is a key whose secrets are known, so that any statement has a proof.
type trapdoor struct {
	alpha, beta, gamma, delta fr.Element
	ic                        []fr.Element
}

// drawScalar draws any scalar but zero.
func drawScalar(t *rapid.T, name string) (e fr.Element) {
	e.SetBytes(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, name))
	if e.IsZero() {
		e.SetOne()
	}
	return e
}

func drawTrapdoor(t *rapid.T, inputs int) trapdoor {
	d := trapdoor{drawScalar(t, "alpha"), drawScalar(t, "beta"), drawScalar(t, "gamma"), drawScalar(t, "delta"), nil}
	for range inputs + 1 {
		d.ic = append(d.ic, drawScalar(t, "ic"))
	}
	return d
}

// plainTrapdoor is one of as many inputs as wanted.
func plainTrapdoor(inputs int) trapdoor {
	d := trapdoor{scalar(3), scalar(5), scalar(7), scalar(11), nil}
	for i := range inputs + 1 {
		d.ic = append(d.ic, scalar(uint64(1000+i)))
	}
	return d
}

// key writes the verifying key.
func (d trapdoor) key(t require.TestingT) []byte {
	ic := [][]string{}
	for _, k := range d.ic {
		ic = append(ic, writeG1(timesG1(k)))
	}
	text, err := json.Marshal(map[string]any{
		"protocol": "groth16", "curve": "bn128", "nPublic": len(ic) - 1, "IC": ic,
		"vk_alpha_1": writeG1(timesG1(d.alpha)), "vk_beta_2": writeG2(timesG2(d.beta)),
		"vk_gamma_2": writeG2(timesG2(d.gamma)), "vk_delta_2": writeG2(timesG2(d.delta)),
	})
	require.NoError(t, err)
	return text
}

// forge makes a proof of a statement from the secrets: C = (A·B - αβ - γ·Σ) / δ.
func (d trapdoor) forge(t require.TestingT, inputs []fr.Element, a, b fr.Element) []byte {
	sum := d.ic[0]
	var term, c fr.Element
	for i, x := range inputs {
		sum.Add(&sum, term.Mul(&x, &d.ic[i+1]))
	}
	c.Mul(&a, &b).Sub(&c, term.Mul(&d.alpha, &d.beta)).Sub(&c, term.Mul(&d.gamma, &sum)).Div(&c, &d.delta)
	text, err := json.Marshal(map[string]any{
		"pi_a": writeG1(timesG1(a)), "pi_b": writeG2(timesG2(b)), "pi_c": writeG1(timesG1(c)), "protocol": "groth16", "curve": "bn128",
	})
	require.NoError(t, err)
	return text
}

func writeInputs(inputs []fr.Element) []string {
	list := []string{}
	for _, x := range inputs {
		list = append(list, x.BigInt(new(big.Int)).String())
	}
	return list
}

func each(t *testing.T, do func(t *testing.T, c prooftest.Circuit)) {
	for _, c := range circuits {
		t.Run(c.ID, func(t *testing.T) { do(t, c) })
	}
}
