package auth

import (
	"fmt"
	"strings"
)

// Algorithm is how tokens are signed. The zero Algorithm is none; it never
// stands for an unsigned token.
type Algorithm uint8

// The algorithms.
const (
	HS256         Algorithm = iota + 1 // HMAC with a shared secret
	RS256                              // RSA, at least 2048 bits
	ES256                              // ECDSA on P-256
	EdDSA                              // Ed25519
	lastAlgorithm = EdDSA
)

var algorithmNames = [...]string{"", "HS256", "RS256", "ES256", "EdDSA"}

// ParseAlgorithm returns the algorithm of that name, as the alg of a token
// spells it.
func ParseAlgorithm(name string) (Algorithm, error) {
	for a := HS256; a <= lastAlgorithm; a++ {
		if algorithmNames[a] == name {
			return a, nil
		}
	}
	return 0, fmt.Errorf("auth: %.32q is not a supported algorithm; these are %s", name, strings.Join(algorithmNames[1:], ", "))
}

// String returns the name of the algorithm, "" for the zero Algorithm.
func (a Algorithm) String() string {
	if a > lastAlgorithm {
		return ""
	}
	return algorithmNames[a]
}

// UnmarshalText sets the algorithm to the one of that name.
func (a *Algorithm) UnmarshalText(text []byte) error {
	parsed, err := ParseAlgorithm(string(text))
	if err == nil {
		*a = parsed
	}
	return err
}
