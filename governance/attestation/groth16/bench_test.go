package groth16_test

import (
	"fmt"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/agentvault/teg-layer/governance/attestation/groth16"
)

// One caller after the other, with proofs of the real circuits and with more inputs.
func BenchmarkVerify(b *testing.B) {
	for _, c := range circuits {
		v, p := groth16.New(), c.Proofs[0]
		b.Run(c.ID, func(b *testing.B) { verify(b, v, c.Key, p.Inputs, p.Proof) })
	}
	for _, n := range []int{1, 16, groth16.MaxInputs} {
		d, inputs := plainTrapdoor(n), make([]fr.Element, n)
		for i := range inputs {
			inputs[i].Exp(scalar(uint64(i+2)), fr.Modulus().Rsh(fr.Modulus(), 1)) // of full length
		}
		key, written, proof := d.key(b), writeInputs(inputs), d.forge(b, inputs, scalar(13), scalar(17))
		b.Run(fmt.Sprintf("inputs=%d", n), func(b *testing.B) { verify(b, groth16.New(), key, written, proof) })
	}
}

func verify(b *testing.B, v *groth16.Verifier, key []byte, inputs []string, proof []byte) {
	for b.Loop() {
		if err := v.Verify(key, inputs, proof); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "proofs/s")
}

// As many callers as there are processors: run it with -cpu 1,2.
func BenchmarkVerifyParallel(b *testing.B) {
	c, v := circuits[0], groth16.New()
	b.RunParallel(func(each *testing.PB) {
		for each.Next() {
			if err := v.Verify(c.Key, c.Proofs[0].Inputs, c.Proofs[0].Proof); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "proofs/s")
}

// What a key costs that was not used lately.
func BenchmarkReadKey(b *testing.B) {
	for b.Loop() {
		if _, err := new(groth16.Verifier).CheckKey(circuits[0].Key); err != nil {
			b.Fatal(err)
		}
	}
}
