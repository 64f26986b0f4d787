package auth

import "crypto/sha256"

// Known reports whether a token was accepted before and has not ended, which costs
// nothing next to a signature. It may have been revoked since: [Verifier.Verify] says.
func (v *Verifier) Known(token string) bool {
	if len(token) > MaxTokenBytes {
		return false
	}
	key := sha256.Sum256([]byte(token))
	_, known := v.cache.get(&key, v.config.Now())
	return known
}
