package login

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth/pubkey"
)

// Challenge is a text to be signed by a key of the DID that it was made for.
type Challenge struct {
	Text      string
	ExpiresAt time.Time
}

// maxChallenge is above the longest challenge there is.
const maxChallenge = 2048

// challengeForm begins every challenge, so that what is signed here means nothing
// anywhere else.
const challengeForm = "teg-login-1"

// code64 is how bytes are written.
var code64 = base64.RawURLEncoding.Strict()

// Challenge gives a challenge to a DID:
//
//	teg-login-1|service|DID|seconds since 1970|nonce|code
//
// The error wraps [auth.ErrInvalid] where nobody can log in as that DID.
func (s *Service) Challenge(agent did.DID) (Challenge, error) {
	if s.config.Reserved(agent) {
		return Challenge{}, refusedReserved
	}
	expires := s.config.Now().Add(ChallengeTTL).Truncate(time.Second)
	text := strings.Join([]string{challengeForm, url.PathEscape(s.config.Service), agent.String(),
		strconv.FormatInt(expires.Unix(), 10), rand.Text()}, "|")
	return Challenge{Text: text + "|" + s.codeOf(text), ExpiresAt: expires.UTC()}, nil
}

func (s *Service) codeOf(text string) string {
	return code64.EncodeToString(mac(s.challengeCode, []byte(text)))
}

func mac(key, text []byte) []byte {
	code := hmac.New(sha256.New, key)
	code.Write(text)
	return code.Sum(nil)
}

// Prove checks that the signature, in base64url, is one over the challenge by a key of
// the DID, and uses the challenge up. Nothing is used up by a signature that is none.
// The error wraps [auth.ErrInvalid], or is that of the database or of the context.
func (s *Service) Prove(ctx context.Context, agent did.DID, challenge, signature string) error {
	if s.config.Reserved(agent) {
		return refusedReserved
	}
	expires, err := s.read(agent, challenge)
	if err != nil {
		return err
	}
	raw, err := code64.DecodeString(signature)
	if err != nil || len(raw) != pubkey.SignatureBytes || code64.EncodeToString(raw) != signature {
		return refusedSignature
	}
	keys, err := s.config.Resolver.Keys(ctx, agent)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, refusedMethod):
		return err
	case err != nil: // it may tell what a network looks like from inside
		return refusedKeys
	case !slices.ContainsFunc(keys, func(k pubkey.Key) bool { return k.Verify([]byte(challenge), raw) }):
		return refusedSignature
	}
	first, err := s.config.Sessions.UseChallenge(ctx, sha256.Sum256([]byte(challenge)), expires)
	if err == nil && !first {
		return refusedUsed
	}
	return err
}

// read checks that a challenge was made here, for this DID, and not too long ago, and
// returns its end.
func (s *Service) read(agent did.DID, challenge string) (time.Time, error) {
	at := strings.LastIndexByte(challenge, '|')
	if at < 0 || len(challenge) > maxChallenge || !hmac.Equal([]byte(s.codeOf(challenge[:at])), []byte(challenge[at+1:])) {
		return time.Time{}, refusedChallenge
	}
	parts := strings.Split(challenge, "|") // of our own making, from here on
	if len(parts) != 6 || parts[2] != agent.String() {
		return time.Time{}, refusedChallenge
	}
	seconds, err := strconv.ParseInt(parts[3], 10, 64)
	if err != nil {
		return time.Time{}, refusedChallenge
	}
	expires := time.Unix(seconds, 0)
	if !s.config.Now().Before(expires) {
		return time.Time{}, refusedLate
	}
	return expires, nil
}
