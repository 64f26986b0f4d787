package groth16_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/governance/attestation/groth16"
	"github.com/agentvault/teg-layer/governance/attestation/groth16/prooftest"
)

// places are the coordinates of a point of each group in a document.
var (
	placesG1 = []string{"/0", "/1"}
	placesG2 = []string{"/0/0", "/0/1", "/1/0", "/1/1"}
)

// site is a document with its points, and what refuses it.
type site struct {
	text   []byte
	g1, g2 []string
	reads  func(text []byte) error
	wraps  error
}

// sites are a proof and a key.
func sites() []site {
	c := prooftest.FairMarkup()
	v, p := groth16.New(), c.Proofs[0]
	return []site{
		{
			p.Proof, []string{"pi_a", "pi_c"}, []string{"pi_b"},
			func(text []byte) error { return v.Verify(c.Key, p.Inputs, text) }, groth16.ErrMalformed,
		},
		{
			c.Key, []string{"vk_alpha_1", "IC/0", "IC/1", "IC/4"}, []string{"vk_beta_2", "vk_gamma_2", "vk_delta_2"},
			func(text []byte) error { _, err := v.CheckKey(text); return err }, groth16.ErrInvalidKey,
		},
	}
}

// refuses requires that a document with something else at a place is refused for a reason.
func (s site) refuses(t *testing.T, place string, value any, reason string) {
	t.Helper()
	err := s.reads(set(t, s.text, place, value))
	require.ErrorIs(t, err, s.wraps, "%s %v", place, value)
	require.ErrorContains(t, err, reason, "%s %v", place, value)
}

func TestCoordinates(t *testing.T) {
	for _, s := range sites() {
		require.NoError(t, s.reads(s.text))
		var coordinates []string
		for _, p := range s.g1 {
			for _, place := range placesG1 {
				coordinates = append(coordinates, p+place)
			}
		}
		for _, p := range s.g2 {
			for _, place := range placesG2 {
				coordinates = append(coordinates, p+place)
			}
		}
		for _, place := range coordinates {
			x := get(t, s.text, place)
			s.refuses(t, place, plus(t, x, big.NewInt(1)), "not on the curve")
			s.refuses(t, place, plus(t, x, fp.Modulus()), "below the modulus")
			s.refuses(t, place, fp.Modulus().String(), "below the modulus")
			for _, other := range []any{"0" + x, "-" + x, "0x1", "", " " + x, "1e9", nil, 7, true, []string{x}, strings.Repeat("9", 500)} {
				s.refuses(t, place, other, "is not a point")
			}
		}
	}
}

func TestInfinity(t *testing.T) {
	for _, s := range sites() {
		for _, p := range s.g1 {
			for _, infinity := range [][]string{{"0", "1", "0"}, {"0", "0", "0"}, {"0", "0", "1"}} {
				s.refuses(t, p, infinity, "at infinity")
			}
		}
		for _, p := range s.g2 {
			for _, infinity := range [][][]string{
				{{"0", "0"}, {"1", "0"}, {"0", "0"}}, {{"0", "0"}, {"0", "0"}, {"0", "0"}}, {{"0", "0"}, {"0", "0"}, {"1", "0"}},
			} {
				s.refuses(t, p, infinity, p+" is the point at infinity")
			}
		}
	}
}

func TestShapeOfPoints(t *testing.T) {
	for _, s := range sites() {
		for _, p := range append(append([]string{}, s.g1...), s.g2...) {
			for _, value := range []any{nil, "1", 1, []string{}, []string{"1", "2"}, []any{"1", "2", "1", "1"}, map[string]any{}, []any{nil, nil, nil}} {
				require.ErrorIs(t, s.reads(set(t, s.text, p, value)), s.wraps, "%s %v", p, value)
			}
		}
		for _, p := range s.g1 {
			s.refuses(t, p+"/2", "2", "is not a point")
			s.refuses(t, p+"/2", "01", "is not a point")
		}
		for _, p := range s.g2 {
			s.refuses(t, p+"/2", []string{"2", "0"}, "is not a point")
			s.refuses(t, p+"/2", []string{"1", "1"}, "is not a point")
			s.refuses(t, p+"/2", []string{"1"}, "is not a point")
			s.refuses(t, p+"/0", []string{"1", "2", "3"}, "is not a point")
		}
	}
}

// A point of the curve of G₂ that is not in G₂ itself: almost all of them are not.
func TestOutsideOfG2(t *testing.T) {
	all := sites()
	rapid.Check(t, func(rt *rapid.T) {
		seed := bn254.E2{}
		seed.A0.SetUint64(rapid.Uint64().Draw(rt, "a"))
		seed.A1.SetUint64(rapid.Uint64().Draw(rt, "b"))
		strange := bn254.GeneratePointNotInG2(seed)
		var p bn254.G2Affine
		p.FromJacobian(&strange)
		require.True(rt, p.IsOnCurve())
		for _, s := range all {
			for _, place := range s.g2 {
				s.refuses(t, place, writeG2(p), place+" is not in the group")
			}
		}
	})
}
