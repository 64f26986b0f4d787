package main

import (
	"encoding/json"
	"errors"
	"math/big"

	curve "github.com/consensys/gnark-crypto/ecc/bn254"
	bn254 "github.com/consensys/gnark/backend/groth16/bn254"
)

// Points as snarkjs writes them, in affine coordinates with a third one of one.
type (
	g1 [3]string
	g2 [3][2]string
)

type verificationKey struct {
	Protocol string `json:"protocol"`
	Curve    string `json:"curve"`
	Inputs   int    `json:"nPublic"`
	Alpha    g1     `json:"vk_alpha_1"`
	Beta     g2     `json:"vk_beta_2"`
	Gamma    g2     `json:"vk_gamma_2"`
	Delta    g2     `json:"vk_delta_2"`
	IC       []g1   `json:"IC"`
}

type proofFile struct {
	A        g1     `json:"pi_a"`
	B        g2     `json:"pi_b"`
	C        g1     `json:"pi_c"`
	Protocol string `json:"protocol"`
	Curve    string `json:"curve"`
}

var errCommitments = errors.New("the circuit commits to some of its variables, which plain Groth16 does not know")

// keyJSON writes a key as snarkjs does.
func keyJSON(vk *bn254.VerifyingKey) ([]byte, error) {
	if len(vk.CommitmentKeys) > 0 {
		return nil, errCommitments
	}
	out := verificationKey{
		Protocol: "groth16", Curve: "bn128", Inputs: len(vk.G1.K) - 1,
		Alpha: pointG1(vk.G1.Alpha), Beta: pointG2(vk.G2.Beta), Gamma: pointG2(vk.G2.Gamma), Delta: pointG2(vk.G2.Delta),
	}
	for _, p := range vk.G1.K {
		out.IC = append(out.IC, pointG1(p))
	}
	return marshal(out)
}

// proofJSON writes a proof as snarkjs does.
func proofJSON(p *bn254.Proof) ([]byte, error) {
	if len(p.Commitments) > 0 {
		return nil, errCommitments
	}
	return marshal(proofFile{pointG1(p.Ar), pointG2(p.Bs), pointG1(p.Krs), "groth16", "bn128"})
}

func marshal(v any) ([]byte, error) {
	text, err := json.MarshalIndent(v, "", " ")
	return append(text, '\n'), err
}

func pointG1(p curve.G1Affine) g1 { return g1{decimal(&p.X), decimal(&p.Y), "1"} }

func pointG2(p curve.G2Affine) g2 {
	return g2{{decimal(&p.X.A0), decimal(&p.X.A1)}, {decimal(&p.Y.A0), decimal(&p.Y.A1)}, {"1", "0"}}
}

// decimal writes an element of a field. Its String would write the largest ones with a
// sign.
func decimal(e interface{ BigInt(*big.Int) *big.Int }) string {
	return e.BigInt(new(big.Int)).String()
}
