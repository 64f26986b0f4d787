package groth16_test

import (
	"crypto/sha256"
	"encoding/json"
	"math/big"
	"slices"
	"sync"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/governance/attestation/groth16"
	"github.com/agentvault/teg-layer/governance/attestation/groth16/prooftest"
)

// What the real tools made holds.
func TestRealProofsHold(t *testing.T) {
	each(t, func(t *testing.T, c prooftest.Circuit) {
		v := groth16.New()
		inputs, err := v.CheckKey(c.Key)
		require.NoError(t, err)
		require.Equal(t, len(c.PublicInputNames), inputs)
		require.Len(t, c.By(prooftest.Alice), 3)
		require.Len(t, c.By(prooftest.Bob), 3)
		for _, p := range c.Proofs {
			require.NoError(t, v.Verify(c.Key, p.Inputs, p.Proof))
		}
	})
}

// The public inputs are what the attestation's data says, and the binding is that of
// the agent and the data.
func TestRealProofsAreBound(t *testing.T) {
	each(t, func(t *testing.T, c prooftest.Circuit) {
		for _, p := range c.Proofs {
			var members map[string]any
			require.NoError(t, json.Unmarshal(p.Data, &members))
			canonical, err := json.Marshal(members) // sorted by name, which these plain data need and no more
			require.NoError(t, err)
			require.Equal(t, string(canonical), string(p.Data))
			require.Equal(t, binding(p), p.Inputs[slices.Index(c.PublicInputNames, "binding")])
			for i, name := range c.PublicInputNames[:3] {
				require.Equal(t, text(members[name]), p.Inputs[i], name)
			}
		}
	})
}

func text(v any) string {
	if n, ok := v.(float64); ok {
		return big.NewInt(int64(n)).String()
	}
	return v.(string)
}

func binding(p prooftest.Proof) string {
	data := sha256.Sum256(p.Data)
	whole := slices.Concat([]byte("teg-attestation-v1\x00"), []byte(p.Agent.String()), []byte{0}, data[:])
	sum := sha256.Sum256(whole)
	return new(big.Int).SetBytes(sum[:31]).String()
}

// A proof is one of its own statement, agent and circuit, and of no other.
func TestOnlyOwnStatement(t *testing.T) {
	v := groth16.New()
	for i, c := range circuits {
		other := circuits[1-i]
		for _, p := range c.Proofs {
			require.ErrorIs(t, v.Verify(other.Key, p.Inputs, p.Proof), groth16.ErrNotVerified, "the key of another circuit")
			for _, q := range c.Proofs {
				err := v.Verify(c.Key, q.Inputs, p.Proof)
				if p.Agent == q.Agent && p.Number == q.Number {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, groth16.ErrNotVerified, "the proof of another agent, or other data")
				}
			}
		}
	}
}

func TestChangedInputs(t *testing.T) {
	each(t, func(t *testing.T, c prooftest.Circuit) {
		v, p := groth16.New(), c.Proofs[0]
		for i := range p.Inputs {
			for _, shift := range []int64{1, -1} {
				changed := slices.Clone(p.Inputs)
				changed[i] = plus(t, changed[i], big.NewInt(shift))
				require.ErrorIs(t, v.Verify(c.Key, changed, p.Proof), groth16.ErrNotVerified, c.PublicInputNames[i])
			}
			swapped := slices.Clone(p.Inputs)
			swapped[i], swapped[3-i] = swapped[3-i], swapped[i]
			require.ErrorIs(t, v.Verify(c.Key, swapped, p.Proof), groth16.ErrNotVerified)
		}
	})
}

// A number is written in one way, so that what is recorded is what was proven: p + r
// is p to the equation.
func TestInputsAreCanonical(t *testing.T) {
	c := prooftest.FairMarkup()
	v, p := groth16.New(), c.Proofs[0]
	for i, x := range p.Inputs {
		refuse := func(text string) {
			changed := slices.Clone(p.Inputs)
			changed[i] = text
			err := v.Verify(c.Key, changed, p.Proof)
			require.ErrorIs(t, err, groth16.ErrMalformed, text)
			require.NotContains(t, err.Error(), x, "what was said is not repeated")
		}
		refuse(plus(t, x, fr.Modulus()))
		refuse(plus(t, x, new(big.Int).Lsh(fr.Modulus(), 1)))
		refuse(plus(t, x, new(big.Int).Neg(fr.Modulus())))
		refuse("0x" + number(t, x).Text(16))
		for _, before := range []string{"0", "-", "+", " ", "\t", "00", "0b", "\x00"} {
			refuse(before + x)
		}
		for _, after := range []string{" ", "\n", ".0", "e0", "_0", "n", "\x00", "٣"} {
			refuse(x + after)
		}
		for _, whole := range []string{"", "-0", "00", "1e3", "1_000", "NaN", "null", "٣", fr.Modulus().String()} {
			refuse(whole)
		}
		refuse(string(make([]byte, 1<<20)))
		refuse(new(big.Int).Lsh(big.NewInt(1), 100_000).String())
	}
}

func TestCountOfInputs(t *testing.T) {
	c := prooftest.FairMarkup()
	v, p := groth16.New(), c.Proofs[0]
	for _, inputs := range [][]string{nil, {}, p.Inputs[:3], append(slices.Clone(p.Inputs), "0"), make([]string, 1000)} {
		require.ErrorIs(t, v.Verify(c.Key, inputs, p.Proof), groth16.ErrMalformed)
	}
}

// Groth16 is malleable: a copy with other bytes holds, too. Whoever wants to know
// whether a statement was proven before must not compare proofs.
func TestMalleatedCopiesHold(t *testing.T) {
	v := groth16.New()
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(circuits).Draw(t, "circuit")
		p := rapid.SampledFrom(c.Proofs).Draw(t, "proof")
		copied := prooftest.Malleate(p.Proof, rapid.Uint64Range(2, 1<<62).Draw(t, "z"))
		require.NotEqual(t, get(t, p.Proof, "pi_a/0"), get(t, copied, "pi_a/0"))
		require.NoError(t, v.Verify(c.Key, p.Inputs, copied))
		other := c.Proofs[(slices.IndexFunc(c.Proofs, func(q prooftest.Proof) bool { return q.Agent == p.Agent && q.Number == p.Number })+1)%len(c.Proofs)]
		require.ErrorIs(t, v.Verify(c.Key, other.Inputs, copied), groth16.ErrNotVerified, "and of no other statement")
	})
}

// Whoever knows the secrets of a key proves anything with it, with any number of
// inputs; and what holds does not with another input or another point.
func TestTrapdoor(t *testing.T) {
	v := groth16.New()
	rapid.Check(t, func(t *rapid.T) {
		d := drawTrapdoor(t, rapid.IntRange(0, 5).Draw(t, "inputs"))
		var inputs []fr.Element
		for range len(d.ic) - 1 {
			inputs = append(inputs, drawScalar(t, "input"))
		}
		key, written := d.key(t), writeInputs(inputs)
		proof := d.forge(t, inputs, drawScalar(t, "a"), drawScalar(t, "b"))
		require.NoError(t, v.Verify(key, written, proof))
		point := rapid.SampledFrom([]string{"pi_a", "pi_c"}).Draw(t, "point")
		changed := set(t, proof, point, writeG1(timesG1(drawScalar(t, "other"))))
		require.ErrorIs(t, v.Verify(key, written, changed), groth16.ErrNotVerified)
		if len(inputs) > 0 {
			i := rapid.IntRange(0, len(inputs)-1).Draw(t, "which")
			inputs[i].Add(&inputs[i], new(fr.Element).SetOne())
			require.ErrorIs(t, v.Verify(key, writeInputs(inputs), proof), groth16.ErrNotVerified)
		}
	})
}

// Inputs with which the sum of the equation is the point at infinity.
func TestSumAtInfinity(t *testing.T) {
	v, d := groth16.New(), plainTrapdoor(1)
	x := scalar(2)
	d.ic[0].Mul(&d.ic[1], &x).Neg(&d.ic[0])
	proof := d.forge(t, []fr.Element{x}, scalar(13), scalar(17))
	require.NoError(t, v.Verify(d.key(t), []string{"2"}, proof))
	require.ErrorIs(t, v.Verify(d.key(t), []string{"3"}, proof), groth16.ErrNotVerified)
	require.ErrorIs(t, v.Verify(d.key(t), []string{"1"}, proof), groth16.ErrNotVerified)
}

// Inputs with which both halves of the sum are one point.
func TestSumOfEqualPoints(t *testing.T) {
	v, d := groth16.New(), plainTrapdoor(1)
	x := scalar(2)
	d.ic[0].Mul(&d.ic[1], &x)
	proof := d.forge(t, []fr.Element{x}, scalar(13), scalar(17))
	require.NoError(t, v.Verify(d.key(t), []string{"2"}, proof))
	require.ErrorIs(t, v.Verify(d.key(t), []string{"3"}, proof), groth16.ErrNotVerified)
}

// The longest key, and zero as an input.
func TestLongestKey(t *testing.T) {
	v, d := groth16.New(), plainTrapdoor(groth16.MaxInputs)
	inputs := make([]fr.Element, groth16.MaxInputs)
	for i := range inputs {
		inputs[i] = scalar(uint64(i))
	}
	count, err := v.CheckKey(d.key(t))
	require.NoError(t, err)
	require.Equal(t, groth16.MaxInputs, count)
	require.NoError(t, v.Verify(d.key(t), writeInputs(inputs), d.forge(t, inputs, scalar(13), scalar(17))))
	_, err = v.CheckKey(plainTrapdoor(groth16.MaxInputs + 1).key(t))
	require.ErrorIs(t, err, groth16.ErrInvalidKey)
}

// One verifier serves many callers, with more keys than it remembers.
func TestManyCallers(t *testing.T) {
	v := groth16.New()
	var callers sync.WaitGroup
	for caller := range 4 {
		callers.Go(func() {
			for n := range 40 {
				d := plainTrapdoor(1 + (caller+n)%80)
				d.alpha = scalar(uint64(3 + n%20))
				inputs := make([]fr.Element, len(d.ic)-1)
				proof := d.forge(t, inputs, scalar(13), scalar(17))
				assert.NoError(t, v.Verify(d.key(t), writeInputs(inputs), proof))
				inputs[0] = scalar(1)
				assert.ErrorIs(t, v.Verify(d.key(t), writeInputs(inputs), proof), groth16.ErrNotVerified)
			}
		})
	}
	callers.Wait()
}

// A refused key is refused again, and the zero Verifier verifies, too.
func TestRefusedAgain(t *testing.T) {
	for _, v := range []*groth16.Verifier{groth16.New(), {}} {
		for range 2 {
			_, err := v.CheckKey(prooftest.UnfinishedKey())
			require.ErrorIs(t, err, groth16.ErrInvalidKey)
			c := circuits[0]
			require.ErrorIs(t, v.Verify(prooftest.UnfinishedKey(), c.Proofs[0].Inputs, c.Proofs[0].Proof), groth16.ErrInvalidKey)
			require.NoError(t, v.Verify(c.Key, c.Proofs[0].Inputs, c.Proofs[0].Proof))
		}
	}
}
