// Range is a circuit in gnark, with what an agent needs to prove it: that a number to
// which one has committed lies between two others. Keys and proofs are written as
// snarkjs writes them.
//
//	go run . setup                               makes the keys, in build/
//	go run . commit VALUE                        draws a blinding, prints it with the commitment
//	go run . prove AGENT DATA.json VALUE BLINDING   prints the zkp_proof of an attestation
//	go run . fixtures FOLDER                     writes what the tests use
//
// It is a module of its own, so that nothing of gnark is linked into anything else.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"

	"github.com/consensys/gnark/logger"
)

func main() {
	logger.Disable()
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	verb := ""
	if len(args) > 0 {
		verb = args[0]
	}
	switch {
	case verb == "setup" && len(args) == 1:
		return setup()
	case verb == "commit" && len(args) == 2:
		return runCommit(args[1])
	case verb == "prove" && len(args) == 5:
		return runProve(args[1], args[2], args[3], args[4])
	case verb == "fixtures" && len(args) == 2:
		return fixtures(args[1])
	}
	return errors.New("usage: setup | commit VALUE | prove AGENT DATA.json VALUE BLINDING | fixtures FOLDER")
}

func runCommit(value string) error {
	n, err := number(value)
	if err != nil {
		return err
	}
	blinding, err := randomBlinding()
	if err != nil {
		return err
	}
	return print(map[string]string{"blinding": blinding.String(), "commitment": commit(n, blinding).String()})
}

func runProve(agent, file, value, blinding string) error {
	s := statement{agent: agent}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if s.data, err = canonical(data); err != nil {
		return err
	}
	if s.value, err = number(value); err != nil {
		return err
	}
	if s.blinding, err = number(blinding); err != nil {
		return err
	}
	p, err := newProver()
	if err != nil {
		return err
	}
	proof, inputs, err := p.prove(s)
	if err != nil {
		return err
	}
	text, err := proofJSON(proof)
	if err != nil {
		return err
	}
	return print(map[string]any{"circuit_id": "range", "public_inputs": inputs, "proof": json.RawMessage(text)})
}

func number(text string) (*big.Int, error) {
	n, ok := new(big.Int).SetString(text, 10)
	if !ok || n.Sign() < 0 {
		return nil, fmt.Errorf("%q is not a number", text)
	}
	return n, nil
}

func print(v any) error {
	text, err := marshal(v)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(text)
	return err
}
