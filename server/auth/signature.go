package auth

import (
	"fmt"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"
)

// library gives the library's name of an algorithm.
func library(a Algorithm) jwa.SignatureAlgorithm {
	switch a {
	case HS256:
		return jwa.HS256
	case RS256:
		return jwa.RS256
	case ES256:
		return jwa.ES256
	case EdDSA:
		return jwa.EdDSA
	}
	return jwa.NoSignature // which the library refuses as the algorithm of a key
}

// checkSignature checks that the key signed a compact token, header and payload.
func checkSignature(token string, a Algorithm, key any) error {
	if _, err := jws.Verify([]byte(token), jws.WithKey(library(a), key), jws.WithCompact()); err != nil {
		return refusedSignature // the library's message may hold parts of the token
	}
	return nil
}

// sign returns the payload as a compact token.
func sign(payload []byte, a Algorithm, key any) (string, error) {
	header := jws.NewHeaders()
	if err := header.Set(jws.TypeKey, "JWT"); err != nil {
		return "", fmt.Errorf("auth: the token cannot be signed: %w", err)
	}
	token, err := jws.Sign(payload, jws.WithKey(library(a), key, jws.WithProtectedHeaders(header)))
	if err != nil {
		return "", fmt.Errorf("auth: the token cannot be signed: %w", err)
	}
	return string(token), nil
}
