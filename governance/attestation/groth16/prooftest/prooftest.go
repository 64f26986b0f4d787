// Package prooftest gives real verifying keys and proofs to tests, as
// net/http/httptest gives them servers. They were made by the tools that agents use
// (circom and snarkjs for the fair markup, gnark for the range), and lie in testdata,
// one folder for each circuit:
//
//	verification_key.json   what is registered
//	alice-1.data.json       the attestation's data, exactly its canonical JSON
//	alice-1.public.json     the public inputs, in the order of PublicInputNames
//	alice-1.proof.json      the proof, by did:example:alice, of that data
//
// There are three for did:example:alice and three for did:example:bob. The README of
// governance/attestation/circuits says how their numbers were chosen; `make proofs`
// makes them again.
package prooftest

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/agentvault/teg-layer/ledger/did"
)

//go:embed testdata
var files embed.FS

// Circuit is a circuit as it is registered, with proofs that hold for its key.
type Circuit struct {
	ID               string
	Key              []byte   // verification_key.json
	PublicInputNames []string // in their order
	Proofs           []Proof  // three of each agent, Alice's first
}

// Proof is a proof that holds, with what it was made for.
type Proof struct {
	Agent  did.DID  // who made it
	Number int      // 1 to 3
	Data   []byte   // the attestation's data, as canonical JSON
	Inputs []string // the public inputs, in decimal
	Proof  []byte   // proof.json
}

// Agents made the proofs.
var (
	Alice = did.MustParse("did:example:alice")
	Bob   = did.MustParse("did:example:bob")
)

// FairMarkup is the circuit fair_markup.
func FairMarkup() Circuit { return load("fair_markup", "price", "max_markup_percent") }

// UnfinishedKey is the key of fair_markup before anybody had contributed to it: its γ
// is its δ, anything can be proven with it, and it has to be refused.
func UnfinishedKey() []byte { return read("fair_markup", "unfinished_key") }

// Range is the circuit range.
func Range() Circuit { return load("range", "minimum", "maximum") }

// By returns the proofs that an agent made.
func (c Circuit) By(agent did.DID) []Proof {
	var own []Proof
	for _, p := range c.Proofs {
		if p.Agent == agent {
			own = append(own, p)
		}
	}
	return own
}

func load(id string, names ...string) Circuit {
	c := Circuit{ID: id, Key: read(id, "verification_key"), PublicInputNames: append(names, "commitment", "binding")}
	for _, agent := range []did.DID{Alice, Bob} {
		name := strings.TrimPrefix(agent.String(), "did:example:")
		for n := 1; n <= 3; n++ {
			stem := fmt.Sprintf("%s-%d", name, n)
			p := Proof{Agent: agent, Number: n, Data: read(id, stem+".data"), Proof: read(id, stem+".proof")}
			must(json.Unmarshal(read(id, stem+".public"), &p.Inputs))
			c.Proofs = append(c.Proofs, p)
		}
	}
	return c
}

func read(circuit, name string) []byte {
	text, err := files.ReadFile(path.Join("testdata", circuit, name+".json"))
	must(err)
	return text
}

// must panics where the files of this package are not what they should be.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
