package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
)

const minRSABits = 2048

// LoadPublicKey reads a public key from a PEM file: PUBLIC KEY, RSA PUBLIC KEY
// or CERTIFICATE.
func LoadPublicKey(path string) (crypto.PublicKey, error) {
	block, err := loadPEM(path)
	if err != nil {
		return nil, err
	}
	switch block.Type {
	case "PUBLIC KEY":
		return checked(x509.ParsePKIXPublicKey(block.Bytes))
	case "RSA PUBLIC KEY":
		return checked(x509.ParsePKCS1PublicKey(block.Bytes))
	case "CERTIFICATE":
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, errors.New("auth: the certificate cannot be read")
		}
		return cert.PublicKey, nil
	}
	return nil, fmt.Errorf("auth: %s holds a %.32q, where a PUBLIC KEY is needed", path, block.Type)
}

// LoadPrivateKey reads a private key from a PEM file: PRIVATE KEY, RSA PRIVATE
// KEY or EC PRIVATE KEY, not encrypted.
func LoadPrivateKey(path string) (crypto.Signer, error) {
	block, err := loadPEM(path)
	if err != nil {
		return nil, err
	}
	var key any
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("auth: %s holds a %.32q, where a PRIVATE KEY is needed", path, block.Type)
	}
	signer, ok := key.(crypto.Signer)
	if err != nil || !ok {
		return nil, fmt.Errorf("auth: the private key in %s cannot be read", path)
	}
	return signer, nil
}

func loadPEM(path string) (*pem.Block, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("auth: the key file cannot be read: %w", err)
	}
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, fmt.Errorf("auth: %s is not a PEM file", path)
	}
	return block, nil
}

func checked[K any](key K, err error) (crypto.PublicKey, error) {
	if err != nil {
		return nil, errors.New("auth: the public key cannot be read")
	}
	return key, nil
}

// checkPublicKey reports what makes a key unfit for an algorithm.
func checkPublicKey(a Algorithm, key crypto.PublicKey) error {
	switch k := key.(type) {
	case nil:
		return fmt.Errorf("auth: %s needs a public key", a)
	case *rsa.PublicKey:
		if a == RS256 && k.N.BitLen() < minRSABits {
			return fmt.Errorf("auth: the RSA key has %d bits, at least %d are needed", k.N.BitLen(), minRSABits)
		} else if a == RS256 {
			return nil
		}
	case *ecdsa.PublicKey:
		if a == ES256 && k.Curve == elliptic.P256() {
			return nil
		}
	case ed25519.PublicKey:
		if a == EdDSA && len(k) == ed25519.PublicKeySize {
			return nil
		}
	}
	return fmt.Errorf("auth: a %T is not a key for %s", key, a)
}
