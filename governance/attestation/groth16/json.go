package groth16

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// document is the members of a JSON object, each as it was written.
type document map[string]json.RawMessage

// The members that snarkjs writes. Those that are not needed may be absent, and are
// not looked at.
var (
	keyMembers = map[string]bool{
		"protocol": true, "curve": true, "nPublic": true, "IC": true,
		"vk_alpha_1": true, "vk_beta_2": true, "vk_gamma_2": true, "vk_delta_2": true,
		"vk_alphabeta_12": false, // e(α, β), which follows from the others
	}
	proofMembers = map[string]bool{
		"protocol": true, "pi_a": true, "pi_b": true, "pi_c": true,
		"curve": false, // other provers leave it out; it is the key's
	}
)

var errNotObject = errors.New("the document is not one JSON object")

// readObject splits a document into its members. It refuses what encoding/json
// takes: a member that is written twice, one that nobody knows, text behind the end.
func readObject(text []byte, longest int, members map[string]bool) (document, error) {
	if len(text) > longest {
		return nil, errors.New("the document is too long")
	}
	in := json.NewDecoder(bytes.NewReader(text))
	if start, err := in.Token(); err != nil || start != json.Delim('{') {
		return nil, errNotObject
	}
	found := document{}
	for in.More() {
		if err := found.readMember(in, members); err != nil {
			return nil, err
		}
	}
	if _, err := in.Token(); err != nil {
		return nil, errNotObject
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the document")
	}
	for name, needed := range members {
		if _, ok := found[name]; needed && !ok {
			return nil, fault(name, "is missing")
		}
	}
	return found, nil
}

func (d document) readMember(in *json.Decoder, members map[string]bool) error {
	token, err := in.Token()
	name, ok := token.(string)
	if err != nil || !ok {
		return errNotObject
	}
	if _, known := members[name]; !known {
		return errors.New("the document has a member that is not known")
	}
	if _, twice := d[name]; twice {
		return fault(name, "is written twice")
	}
	var value json.RawMessage
	if err := in.Decode(&value); err != nil {
		return errNotObject
	}
	d[name] = value
	return nil
}

// says reports whether a member is this string.
func (d document) says(name, want string) bool {
	var text *string
	return json.Unmarshal(d[name], &text) == nil && text != nil && *text == want
}
