package attestation

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Bounds of circuits.
const (
	MaxCircuitID = 64
	MaxKey       = 64 << 10 // bytes of a verifying key, which is a text
	MaxInputs    = 64       // public inputs
	MaxInputName = 64
)

// BindingInput is the name of the public input that ties a proof to its agent and data.
const BindingInput = "binding"

// Circuit is what proofs of one kind are verified by. It never changes.
type Circuit struct {
	ID    string
	Key   string // the verifying key, as the verifier reads it
	Hash  string // SHA-256 of Key, 64 hex digits
	Names string // of its public inputs, in their order, a JSON list
	By    did.DID
	At    time.Time
}

// Inputs are the names of its public inputs, in their order.
func (c *Circuit) Inputs() []string { return list(c.Names) }

// NewCircuit makes a circuit of a verifying key and the names of its public inputs. It
// returns a [ledger.ErrInvalidInput] that names what cannot be so. Whether the key is
// one is for a [Verifier] to say.
func NewCircuit(id string, key []byte, names []string, by did.DID, at time.Time) (Circuit, error) {
	switch {
	case !CheckName(id, MaxCircuitID):
		return Circuit{}, ledger.Invalid("circuit_id", "1 to %d letters, digits, and any of . _ : -, beginning with a letter or digit", MaxCircuitID)
	case !storable(key, MaxKey):
		return Circuit{}, ledger.Invalid("verifying_key", "must be a text of 1 to %d bytes", MaxKey)
	case len(names) == 0 || len(names) > MaxInputs:
		return Circuit{}, ledger.Invalid("public_input_names", "must be a list of 1 to %d names", MaxInputs)
	case !slices.Contains(names, BindingInput):
		return Circuit{}, ledger.Invalid("public_input_names", "must contain %q, which ties a proof to its agent and data", BindingInput)
	}
	for i, name := range names {
		if !CheckName(name, MaxInputName) {
			return Circuit{}, ledger.Invalid("public_input_names", "each has 1 to %d letters, digits, and any of . _ : -", MaxInputName)
		}
		if slices.Contains(names[:i], name) {
			return Circuit{}, ledger.Invalid("public_input_names", "%q is given twice", name)
		}
	}
	sum := sha256.Sum256(key)
	return Circuit{ID: id, Key: string(key), Hash: hex.EncodeToString(sum[:]), Names: text(names), By: by, At: at}, nil
}

// CheckName reports whether a text can be the name of a circuit or of a type: letters,
// digits, and any of . _ : -, beginning with a letter or digit.
func CheckName(name string, limit int) bool {
	for i := range len(name) {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		mark := c == '.' || c == '_' || c == ':' || c == '-'
		if !letter && (i == 0 || !mark) {
			return false
		}
	}
	return name != "" && len(name) <= limit
}

// text writes a list of names or numbers.
func text(list []string) string {
	b, err := json.Marshal(list)
	if err != nil { // cannot be: plain strings
		return "[]"
	}
	return string(b)
}

// list reads what text has written.
func list(text string) (names []string) {
	if json.Unmarshal([]byte(text), &names) != nil {
		return nil
	}
	return names
}
