package auth

import (
	"net/http"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/ledger/did"
)

// Identity is who a caller is, by a token that was accepted.
type Identity struct {
	Agent    did.DID   // who acts
	Roles    Roles     // what the issuer lets it do; Agent is always among them
	Issuer   string    // iss; "" where the token names none
	TokenID  string    // jti; "" where the token has none
	Session  string    // sid, of tokens that a login gave out, from SessionPrefix on: ends with its session; "" for all others
	IssuedAt time.Time // iat
	Expires  time.Time // exp
}

// Bearer returns the token that a request carries. The error is [ErrMissing]
// where there is no Authorization header, and wraps [ErrInvalid] where there
// are several or it is of another scheme.
func Bearer(h http.Header) (string, error) {
	values := h["Authorization"]
	if len(values) == 0 {
		return "", ErrMissing
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if len(values) > 1 || !strings.EqualFold(scheme, "Bearer") {
		return "", refusedScheme
	}
	if token = strings.Trim(token, " "); token == "" {
		return "", ErrMissing
	}
	return token, nil
}
