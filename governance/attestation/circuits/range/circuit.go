package main

import (
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/std/hash/poseidon2"
)

const bitsOfNumbers = 64

// Circuit shows that a number to which one has committed lies between two others, ends
// included, and keeps the number to oneself. The public inputs come in the order of
// the fields.
type Circuit struct {
	Minimum    frontend.Variable `gnark:"minimum,public"`
	Maximum    frontend.Variable `gnark:"maximum,public"`
	Commitment frontend.Variable `gnark:"commitment,public"` // Poseidon2 of value and blinding
	Binding    frontend.Variable `gnark:"binding,public"`    // who proves it, and of what data
	Value      frontend.Variable `gnark:"value"`
	Blinding   frontend.Variable `gnark:"blinding"`
}

// Define says what has to hold.
//
// Numbers of the field wrap around: without bounds, a difference below zero would be a
// very large number. So each number is shown to have 64 bits, and then a difference is
// negative exactly where it has not. The bits are constraints of their own: gnark's
// package rangecheck would commit to them, and proofs with such commitments are not
// those of plain Groth16.
func (c *Circuit) Define(api frontend.API) error {
	for _, n := range []frontend.Variable{
		c.Minimum, c.Maximum, c.Value, api.Sub(c.Value, c.Minimum), api.Sub(c.Maximum, c.Value),
	} {
		api.ToBinary(n, bitsOfNumbers)
	}
	hash, err := poseidon2.New(api)
	if err != nil {
		return err
	}
	hash.Write(c.Value, c.Blinding)
	api.AssertIsEqual(c.Commitment, hash.Sum())
	// The binding says nothing that has to hold. It is squared, so that it is a part
	// of what is proven.
	api.Mul(c.Binding, c.Binding)
	return nil
}
