package groth16_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/attestation/groth16"
	"github.com/agentvault/teg-layer/governance/attestation/groth16/prooftest"
)

// Keys with which anything could be proven, or some input would not be.
func TestWeakKeys(t *testing.T) {
	v := groth16.New()
	var minus fr.Element
	minus.Neg(new(fr.Element).SetOne())
	opposite := func(e fr.Element) fr.Element { return *new(fr.Element).Mul(&e, &minus) }
	for name, weaken := range map[string]func(d *trapdoor){
		"γ = δ":          func(d *trapdoor) { d.delta = d.gamma },
		"γ = -δ":         func(d *trapdoor) { d.delta = opposite(d.gamma) },
		"β = γ":          func(d *trapdoor) { d.beta = d.gamma },
		"β = -γ":         func(d *trapdoor) { d.beta = opposite(d.gamma) },
		"β = δ":          func(d *trapdoor) { d.beta = d.delta },
		"β = -δ":         func(d *trapdoor) { d.beta = opposite(d.delta) },
		"IC[1] = IC[2]":  func(d *trapdoor) { d.ic[2] = d.ic[1] },
		"IC[0] = -IC[3]": func(d *trapdoor) { d.ic[3] = opposite(d.ic[0]) },
	} {
		d := plainTrapdoor(4)
		_, err := v.CheckKey(d.key(t))
		require.NoError(t, err)
		weaken(&d)
		_, err = v.CheckKey(d.key(t))
		require.ErrorIs(t, err, groth16.ErrInvalidKey, name)
	}
}

// What the key before any contribution is worth: whoever only reads it makes a proof of
// anything. (α, β, -Σ) is one, as the factors of γ and of δ = γ then cancel.
func TestUnfinishedKeyProvesAnything(t *testing.T) {
	_, err := groth16.New().CheckKey(prooftest.UnfinishedKey())
	require.ErrorIs(t, err, groth16.ErrInvalidKey)
	require.ErrorContains(t, err, "vk_gamma_2 is vk_delta_2")

	var alpha, sum bn254.G1Affine
	var beta, gamma bn254.G2Affine
	key := prooftest.UnfinishedKey()
	readG1(t, key, "vk_alpha_1", &alpha)
	readG1(t, key, "IC/1", &sum) // whatever the sum may be
	readG2(t, key, "vk_beta_2", &beta)
	readG2(t, key, "vk_gamma_2", &gamma)
	var minusAlpha, minusSum bn254.G1Affine
	minusAlpha.Neg(&alpha)
	minusSum.Neg(&sum)
	a, b, c, delta := alpha, beta, minusSum, gamma
	holds, err := bn254.PairingCheck([]bn254.G1Affine{a, minusAlpha, minusSum, negative(c)}, []bn254.G2Affine{b, beta, gamma, delta})
	require.NoError(t, err)
	require.True(t, holds)
}

func negative(p bn254.G1Affine) (q bn254.G1Affine) { return *q.Neg(&p) }

func readG1(t *testing.T, text []byte, place string, p *bn254.G1Affine) {
	_, err := p.X.SetString(get(t, text, place+"/0"))
	require.NoError(t, err)
	_, err = p.Y.SetString(get(t, text, place+"/1"))
	require.NoError(t, err)
	require.True(t, p.IsOnCurve())
}

func readG2(t *testing.T, text []byte, place string, p *bn254.G2Affine) {
	p.X.SetString(get(t, text, place+"/0/0"), get(t, text, place+"/0/1"))
	p.Y.SetString(get(t, text, place+"/1/0"), get(t, text, place+"/1/1"))
	require.True(t, p.IsOnCurve())
}

func TestCountOfPoints(t *testing.T) {
	v, key := groth16.New(), prooftest.Range().Key
	for _, count := range []any{nil, "4", 3, 5, -1, 4.5, 1e30, []int{4}, 257} {
		_, err := v.CheckKey(set(t, key, "nPublic", count))
		require.ErrorIs(t, err, groth16.ErrInvalidKey, "%v", count)
	}
	for _, list := range []any{nil, []any{}, "x", []any{nil}, map[string]any{}} {
		_, err := v.CheckKey(edit(t, key, func(members map[string]any) { members["IC"], members["nPublic"] = list, -1 }))
		require.ErrorIs(t, err, groth16.ErrInvalidKey, "%v", list)
	}
}

// What both documents have to be as JSON.
func TestStrictDocuments(t *testing.T) {
	for _, s := range sites() {
		text := strings.TrimSpace(string(s.text))
		inside := strings.TrimSuffix(text, "}")
		for name, changed := range map[string]string{
			"empty": "", "null": "null", "list": "[" + text + "]", "string": `"x"`, "number": "1",
			"trailing": text + text, "comma": inside + ",}", "cut": text[:len(text)/2], "open": inside,
			"twice": inside + `,"curve":"bn128"}`, "twice, the second escaped": inside + `,"\u0063urve":"bn128"}`, "unknown": inside + `,"extra":1}`, "upper case": strings.Replace(text, `"curve"`, `"Curve"`, 1),
			"deep": inside + `,"x":` + strings.Repeat("[", 100_000), "long": text + strings.Repeat(" ", groth16.MaxKeySize),
			"two commas": strings.Replace(text, ",", ",,", 1), "no comma": strings.Replace(text, ",\n", "\n", 1), "other bracket": inside + "]",
			"mark before": "\ufeff" + text, "zero behind": text + "\x00", "folded": strings.Replace(text, `"curve"`, `"\u017furve"`, 1),
			"not UTF-8": strings.Replace(text, "bn128", "bn128\xff", 1), "nothing": "{}", "key is no string": `{1:2}`,
		} {
			require.ErrorIs(t, s.reads([]byte(changed)), s.wraps, name)
		}
		require.ErrorIs(t, s.reads(nil), s.wraps)
	}
}

func TestProtocolAndCurve(t *testing.T) {
	for _, s := range sites() {
		for _, other := range []any{"plonk", "fflonk", "Groth16", "", nil, 1, []string{"groth16"}} {
			s.refuses(t, "protocol", other, "protocol is not groth16")
		}
		for _, other := range []any{"bls12381", "BN128", "", nil, 1} {
			s.refuses(t, "curve", other, "curve is not bn128")
		}
		require.NoError(t, s.reads(set(t, s.text, "curve", "bn254")), "its other name")
		for _, name := range append([]string{"protocol"}, membersOf(t, s.text)...) {
			without := edit(t, s.text, func(members map[string]any) { delete(members, name) })
			if name == "vk_alphabeta_12" || name == "curve" && s.wraps == groth16.ErrMalformed {
				require.NoError(t, s.reads(without), name)
			} else {
				require.ErrorIs(t, s.reads(without), s.wraps, name)
			}
		}
	}
}

func membersOf(t *testing.T, text []byte) (names []string) {
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &members))
	for name := range members {
		names = append(names, name)
	}
	return names
}
