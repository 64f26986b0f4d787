package auth

import (
	"encoding/base64"
	"strings"

	"github.com/agentvault/teg-layer/server/strictjson"
)

// base64url is the encoding of the parts of a token. Strict refuses trailing
// bits, which would give one token several spellings.
var base64url = base64.RawURLEncoding.Strict()

// checkForm checks what can be told about a token without its key: its three
// parts and its header.
func checkForm(token string, a Algorithm) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return refusedForm
	}
	for _, part := range parts {
		if !isBase64url(part) {
			return refusedForm
		}
	}
	header, err := base64url.DecodeString(parts[0])
	if err != nil {
		return refusedForm
	}
	return checkHeader(header, a)
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

func checkHeader(raw []byte, a Algorithm) error {
	var header map[string]any
	if strictjson.Decode(raw, &header) != nil {
		return refusedHeader
	}
	for _, extension := range []string{"crit", "b64", "zip"} {
		if _, ok := header[extension]; ok {
			return refusedCritical
		}
	}
	if alg, ok := header["alg"].(string); !ok || alg != a.String() {
		return refusedAlgorithm
	}
	switch typ, _ := header["typ"].(string); strings.ToLower(strings.TrimPrefix(typ, "application/")) {
	case "", "jwt", "at+jwt":
		return nil
	}
	return refusedHeader
}
