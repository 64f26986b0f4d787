package groth16

import (
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// The moduli of the two fields: q of coordinates, r of scalars. Both have 254 bits.
var (
	modulusQ = fp.Modulus()
	modulusR = fr.Modulus()
)

const longestNumber = 77 // digits of q and of r

// parseNumber reads a number below a modulus, written in the only way that it may
// be: digits, and no zero in front.
func parseNumber(text string, modulus *big.Int) (*big.Int, bool) {
	if text == "" || len(text) > longestNumber || text[0] == '0' && text != "0" {
		return nil, false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return nil, false
		}
	}
	n, ok := new(big.Int).SetString(text, 10)
	return n, ok && n.Cmp(modulus) < 0
}

// parseCoordinate reads a coordinate, or a half of one.
func parseCoordinate(text string) (fp.Element, bool) {
	var e fp.Element
	n, ok := parseNumber(text, modulusQ)
	if ok {
		e.SetBigInt(n)
	}
	return e, ok
}
