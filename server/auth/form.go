package auth

import (
	"encoding/base64"
	"strings"

	"github.com/agentvault/teg-layer/server/strictjson"
)

// base64url is the encoding of the parts of a token. Strict refuses trailing
// bits, which would give one token several spellings.
var base64url = base64.RawURLEncoding.Strict()

// header is what is looked at of a token's header.
type header struct{ algorithm, keyID string }

// readForm reads what can be told about a token without its key: its three parts, its
// header, and its payload, of which nothing is known yet.
func readForm(token string) (header, []byte, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return header{}, nil, refusedForm
	}
	for _, part := range parts {
		if !isBase64url(part) {
			return header{}, nil, refusedForm
		}
	}
	raw, errHeader := base64url.DecodeString(parts[0])
	payload, errPayload := base64url.DecodeString(parts[1])
	if errHeader != nil || errPayload != nil {
		return header{}, nil, refusedForm
	}
	h, err := readHeader(raw)
	return h, payload, err
}

// isBase64url reports whether part is what the encoder writes. The decoder
// alone would step over line breaks.
func isBase64url(part string) bool {
	if part == "" {
		return false
	}
	for i := range len(part) {
		c := part[i]
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	_, err := base64url.DecodeString(part)
	return err == nil
}

// readHeader reads a header. Members that bring keys (jwk, jku, x5c, x5u) are not
// looked at; kid is a name among the issuer's own keys and nothing else.
func readHeader(raw []byte) (header, error) {
	var members map[string]any
	if strictjson.Decode(raw, &members) != nil {
		return header{}, refusedHeader
	}
	for _, extension := range []string{"crit", "b64", "zip"} {
		if _, ok := members[extension]; ok {
			return header{}, refusedCritical
		}
	}
	var h header
	var ok bool
	if h.algorithm, ok = members["alg"].(string); !ok || h.algorithm == "" {
		return header{}, refusedAlgorithm
	}
	h.keyID, ok = members["kid"].(string)
	if _, given := members["kid"]; given && !ok || len(h.keyID) > MaxTokenIDBytes {
		return header{}, refusedHeader
	}
	switch typ, _ := members["typ"].(string); strings.ToLower(strings.TrimPrefix(typ, "application/")) {
	case "", "jwt", "at+jwt":
		return h, nil
	}
	return header{}, refusedHeader
}
