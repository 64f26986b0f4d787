package auth

// Error is the type of the sentinels of this package. Ask for them with
// errors.Is.
type Error string

// Error returns the message.
func (e Error) Error() string { return string(e) }

// The three ways in which a caller is not who it may be. Errors of
// [Verifier.Verify] are or wrap one of them; no message repeats any part of a
// token.
const (
	// ErrMissing: no token was sent.
	ErrMissing Error = "auth: no token"
	// ErrInvalid: what was sent is not a token that is accepted now.
	ErrInvalid Error = "auth: the token is not valid"
	// ErrRevoked: the token was valid and has been revoked.
	ErrRevoked Error = "auth: the token has been revoked"
)

// refusal is an ErrInvalid with its reason, a clause that is safe to show.
type refusal string

func (r refusal) Error() string { return string(ErrInvalid) + ": " + string(r) }

func (r refusal) Unwrap() error { return ErrInvalid }

// Reasons for a refusal. They are constants, so nothing of a token gets in.
const (
	refusedScheme    refusal = "the header must be one Authorization: Bearer <token>"
	refusedSize      refusal = "it is longer than 8192 bytes"
	refusedForm      refusal = "it is not a JWT in compact form"
	refusedHeader    refusal = "its header is not acceptable"
	refusedAlgorithm refusal = "its algorithm is not the one that is configured"
	refusedCritical  refusal = "its header has an extension that is not supported"
	refusedSignature refusal = "its signature does not match"
	refusedClaims    refusal = "its claims are not a JSON object that can be read in one way only"
	refusedSubject   refusal = "sub must be the DID of an agent"
	refusedMethod    refusal = "its issuer does not speak for DIDs of this method"
	refusedRoles     refusal = "roles must be a list of strings"
	refusedTime      refusal = "exp and iat are required; exp, iat and nbf must be times in seconds"
	refusedLifetime  refusal = "exp must be after iat, by no more than the maximum lifetime"
	refusedExpired   refusal = "it has expired"
	refusedEarly     refusal = "it is not valid yet"
	refusedTokenID   refusal = "jti must be a text of 1 to 255 bytes"
	refusedKeyID     refusal = "its kid names no key that its issuer publishes"
	refusedSession   refusal = "sid must be a text of 1 to 255 bytes"
	refusedIssuer    refusal = "iss is not the issuer that is configured"
	refusedAudience  refusal = "aud does not name this service"
)
