package attestation

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Bounds of proofs.
const (
	MaxProof  = 16 << 10 // bytes, of a text
	maxDigits = 100      // of a public input; a field of 254 bits has 77
)

// Verifier tells whether proofs hold. Package groth16 has one. Its methods must be safe
// for concurrent use, and take bounded time for whatever they are given.
type Verifier interface {
	// CheckKey refuses a verifying key that must not be used, and tells how many
	// public inputs it takes.
	CheckKey(key []byte) (inputs int, err error)
	// Verify returns nil where the proof holds for these inputs (decimal strings),
	// else an error that says why.
	Verify(key []byte, inputs []string, proof []byte) error
}

// Proof is what an agent brings to show that its data is true.
type Proof struct {
	Circuit string
	Inputs  []string // public ones, in the order of the circuit's names, in decimal
	Proof   []byte   // as the circuit's tools write it
}

// Check returns a [ledger.ErrInvalidInput] that names what cannot be so.
func (p *Proof) Check() error {
	switch {
	case !CheckName(p.Circuit, MaxCircuitID):
		return ledger.Invalid("zkp_proof.circuit_id", "must be the name of a circuit")
	case len(p.Inputs) > MaxInputs:
		return ledger.Invalid("zkp_proof.public_inputs", "must be a list of at most %d numbers", MaxInputs)
	case !storable(p.Proof, MaxProof):
		return ledger.Invalid("zkp_proof.proof", "must be a text of 1 to %d bytes", MaxProof)
	}
	for i, input := range p.Inputs {
		if !natural(input) {
			return ledger.Invalid(fmt.Sprintf("zkp_proof.public_inputs[%d]", i), "must be a whole number in decimal, without a sign and without zeros before it")
		}
	}
	return nil
}

// storable reports whether bytes are a text that every database keeps as it is.
func storable(text []byte, limit int) bool {
	return len(text) > 0 && len(text) <= limit && utf8.Valid(text) && bytes.IndexByte(text, 0) < 0
}

// Canonical is the proof in a form that the space between its parts and the order of its
// members do not change, where it is JSON. What is kept is as it was handed in.
func (p *Proof) Canonical() string {
	value := jsontext.Value(bytes.Clone(p.Proof))
	if value.Format(jsontext.ReorderRawObjects(true)) != nil {
		return string(p.Proof)
	}
	return string(value)
}

// Text are the public inputs as they are kept: a JSON list.
func (p *Proof) Text() string { return text(p.Inputs) }

// natural reports whether a text is a whole number in its one decimal form.
func natural(text string) bool {
	return text != "" && len(text) <= maxDigits && strings.Trim(text, "0123456789") == "" && (text == "0" || text[0] != '0')
}

const bindingDomain = "teg-attestation-v1"

// Binding ties a proof to its agent and data: the first 31 bytes of
// SHA-256("teg-attestation-v1" 0x00 DID 0x00 hash of the data) as a number, the most
// significant byte first, in decimal. It is always below the order of BN254.
func Binding(agent did.DID, data [sha256.Size]byte) string {
	text := append([]byte(bindingDomain+"\x00"+agent.String()), 0)
	sum := sha256.Sum256(append(text, data[:]...))
	return new(big.Int).SetBytes(sum[:31]).String()
}

// CheckStatement says why a proof, even one that holds, would not be about this agent
// and this data: the input called binding must be [Binding], and each other that is
// called as a member of the data must be that member, a whole number or a string that
// is one. It returns nil where there is nothing to say.
func CheckStatement(names []string, inputs []string, agent did.DID, data Data) error {
	if len(names) != len(inputs) {
		return fmt.Errorf("the circuit has %d public inputs, not %d", len(names), len(inputs))
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(data.Text), &members); err != nil {
		return err
	}
	for i, name := range names {
		if name == BindingInput {
			if inputs[i] != Binding(agent, data.Hash) {
				return fmt.Errorf("the proof was made for another agent, or other data")
			}
			continue
		}
		if member, given := members[name]; given && !means(member, inputs[i]) {
			return fmt.Errorf("the public input %s is not what the data says", name)
		}
	}
	return nil
}

// means reports whether a member of the data is the number of a public input. Canonical
// numbers of 10^21 and more have exponents, and so are given as strings.
func means(member json.RawMessage, input string) bool {
	var text string
	if json.Unmarshal(member, &text) != nil {
		text = string(member)
	}
	return natural(text) && text == input
}
