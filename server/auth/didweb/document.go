package didweb

import (
	"errors"
	"strings"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth/pubkey"
	"github.com/agentvault/teg-layer/server/strictjson"
)

// maxKeys is how many keys of a document are looked at: each may have to be tried.
const maxKeys = 16

var errDocument = errors.New("didweb: the document is not sound")

// readDocument returns the keys that a DID document names for authentication.
func readDocument(text []byte, of did.DID) ([]pubkey.Key, error) {
	var document map[string]any
	if strictjson.Decode(text, &document) != nil || document["id"] != of.String() {
		return nil, errDocument
	}
	methods := map[string]map[string]any{}
	for _, value := range list(document["verificationMethod"]) {
		if method, ok := value.(map[string]any); ok {
			methods[absolute(method["id"], of)] = method
		}
	}
	var keys []pubkey.Key
	for _, value := range list(document["authentication"]) {
		method, embedded := value.(map[string]any)
		if !embedded {
			method = methods[absolute(value, of)]
		}
		if key, ok := keyOf(method); ok && len(keys) < maxKeys {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, errDocument
	}
	return keys, nil
}

func list(value any) []any {
	elements, _ := value.([]any)
	return elements
}

// absolute is the whole of a name that may be one inside of the document.
func absolute(value any, of did.DID) string {
	name, _ := value.(string)
	if strings.HasPrefix(name, "#") {
		return of.String() + name
	}
	return name
}

// keyOf reads the key of a verification method. Kinds of keys that are not known are
// no fault of the document.
func keyOf(method map[string]any) (pubkey.Key, bool) {
	if text, ok := method["publicKeyMultibase"].(string); ok {
		key, err := pubkey.ParseMultikey(text)
		return key, err == nil
	}
	members, ok := method["publicKeyJwk"].(map[string]any)
	if !ok {
		return pubkey.Key{}, false
	}
	jwk, err := pubkey.ReadJWK(members)
	if err != nil {
		return pubkey.Key{}, false
	}
	key, err := pubkey.New(jwk.Public)
	return key, err == nil
}
