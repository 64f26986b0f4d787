package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/backend/groth16"
	bn254 "github.com/consensys/gnark/backend/groth16/bn254"
	"github.com/consensys/gnark/constraint"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/frontend/cs/r1cs"
)

// Where the keys are: in the folder build, as those of the other circuit.
const (
	provingKey   = "build/proving_key.bin"
	verifyingKey = "build/verification_key.json"
	nativeKey    = "build/verification_key.bin"
)

func compile() (constraint.ConstraintSystem, error) {
	return frontend.Compile(ecc.BN254.ScalarField(), r1cs.NewBuilder, &Circuit{})
}

// setup makes the keys. Whoever runs it could keep the secrets that they are made from,
// and forge proofs: good for development.
func setup() error {
	circuit, err := compile()
	if err != nil {
		return err
	}
	pk, vk, err := groth16.Setup(circuit)
	if err != nil {
		return err
	}
	text, err := keyJSON(vk.(*bn254.VerifyingKey))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(provingKey), 0o755); err != nil {
		return err
	}
	return errors.Join(write(provingKey, pk), write(nativeKey, vk), os.WriteFile(verifyingKey, text, 0o644))
}

func write(name string, key io.WriterTo) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	_, err = key.WriteTo(file)
	return errors.Join(err, file.Close())
}

func read(name string, key io.ReaderFrom) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = key.ReadFrom(file)
	return err
}

// prover proves with the keys in build.
type prover struct {
	circuit constraint.ConstraintSystem
	pk      groth16.ProvingKey
	vk      groth16.VerifyingKey
}

func newProver() (*prover, error) {
	circuit, err := compile()
	if err != nil {
		return nil, err
	}
	p := &prover{circuit, groth16.NewProvingKey(ecc.BN254), groth16.NewVerifyingKey(ecc.BN254)}
	return p, errors.Join(read(provingKey, p.pk), read(nativeKey, p.vk))
}

// prove makes a proof, checks it with gnark's own verifier, and returns it with the
// public inputs.
func (p *prover) prove(s statement) (proof *bn254.Proof, inputs []string, err error) {
	assignment, err := s.assignment()
	if err != nil {
		return nil, nil, err
	}
	witness, err := frontend.NewWitness(assignment, ecc.BN254.ScalarField())
	if err != nil {
		return nil, nil, err
	}
	made, err := groth16.Prove(p.circuit, p.pk, witness)
	if err != nil {
		return nil, nil, err
	}
	public, err := witness.Public()
	if err != nil {
		return nil, nil, err
	}
	for _, e := range public.Vector().(fr.Vector) {
		inputs = append(inputs, decimal(&e))
	}
	return made.(*bn254.Proof), inputs, groth16.Verify(made, p.vk, public)
}
