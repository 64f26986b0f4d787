package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr/poseidon2"
	"github.com/gowebpki/jcs"
)

// element reads the first 31 bytes as a number, which is always one of the field.
func element(sum []byte) *big.Int { return new(big.Int).SetBytes(sum[:31]) }

// binding is what ties a proof to an agent and to the data of its attestation, which is
// canonical JSON.
func binding(agent string, canonical []byte) *big.Int {
	data := sha256.Sum256(canonical)
	sum := sha256.Sum256(append([]byte("teg-attestation-v1\x00"+agent+"\x00"), data[:]...))
	return element(sum[:])
}

// blindingFrom makes a blinding from a text. That is for tests: an agent draws its own.
func blindingFrom(text string) *big.Int {
	sum := sha256.Sum256([]byte(text))
	return element(sum[:])
}

func randomBlinding() (*big.Int, error) {
	return rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 248))
}

// commit is what the circuit computes as the hash of value and blinding.
func commit(value, blinding *big.Int) *big.Int {
	hash := poseidon2.NewMerkleDamgardHasher()
	for _, n := range []*big.Int{value, blinding} {
		var e fr.Element
		bytes := e.SetBigInt(n).Bytes()
		hash.Write(bytes[:])
	}
	return new(big.Int).SetBytes(hash.Sum(nil))
}

// statement is what one proof is about: the data with what is hidden behind it.
type statement struct {
	agent           string
	data            []byte // canonical JSON
	value, blinding *big.Int
}

// assignment gives the circuit's variables their values. The data has the members
// minimum, maximum and commitment, as numbers or as strings of digits.
func (s statement) assignment() (*Circuit, error) {
	var members map[string]any
	in := json.NewDecoder(strings.NewReader(string(s.data)))
	in.UseNumber()
	if err := in.Decode(&members); err != nil {
		return nil, err
	}
	numbers := map[string]*big.Int{}
	for _, name := range []string{"minimum", "maximum", "commitment"} {
		n, ok := new(big.Int).SetString(fmt.Sprint(members[name]), 10)
		if !ok {
			return nil, fmt.Errorf("%s: must be a number, or a string of digits", name)
		}
		numbers[name] = n
	}
	return &Circuit{
		Minimum: numbers["minimum"], Maximum: numbers["maximum"], Commitment: numbers["commitment"],
		Binding: binding(s.agent, s.data), Value: s.value, Blinding: s.blinding,
	}, nil
}

// canonical writes data as RFC 8785 wants it.
func canonical(data []byte) ([]byte, error) { return jcs.Transform(data) }
