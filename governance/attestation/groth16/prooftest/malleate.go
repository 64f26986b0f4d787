package prooftest

import (
	"encoding/json"
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// snarkjsProof is proof.json.
type snarkjsProof struct {
	A        [3]string    `json:"pi_a"`
	B        [3][2]string `json:"pi_b"`
	C        [3]string    `json:"pi_c"`
	Protocol string       `json:"protocol"`
	Curve    string       `json:"curve"`
}

// Malleate makes another proof of the same statement, as anybody can who knows
// neither the hidden values nor any secret: (A, B, C) becomes (z·A, z⁻¹·B, C), and
// e(z·A, z⁻¹·B) = e(A, B). It holds wherever the first one does. z is above zero.
func Malleate(proof []byte, z uint64) []byte {
	var p snarkjsProof
	must(json.Unmarshal(proof, &p))
	var factor, inverse fr.Element
	factor.SetUint64(z)
	inverse.Inverse(&factor)
	var n big.Int
	a := bn254.G1Affine{X: coordinate(p.A[0]), Y: coordinate(p.A[1])}
	a.ScalarMultiplication(&a, factor.BigInt(&n))
	b := bn254.G2Affine{
		X: bn254.E2{A0: coordinate(p.B[0][0]), A1: coordinate(p.B[0][1])},
		Y: bn254.E2{A0: coordinate(p.B[1][0]), A1: coordinate(p.B[1][1])},
	}
	b.ScalarMultiplication(&b, inverse.BigInt(&n))
	p.A = [3]string{digits(a.X), digits(a.Y), "1"}
	p.B = [3][2]string{{digits(b.X.A0), digits(b.X.A1)}, {digits(b.Y.A0), digits(b.Y.A1)}, {"1", "0"}}
	text, err := json.Marshal(p)
	must(err)
	return text
}

func coordinate(text string) fp.Element {
	var e fp.Element
	_, err := e.SetString(text)
	must(err)
	return e
}

// digits writes a coordinate. Its String would write the largest ones with a sign.
func digits(e fp.Element) string { return e.BigInt(new(big.Int)).String() }
