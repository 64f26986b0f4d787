package teg

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// keyMark is an operation's idempotency key as the journal knows it, and the
// fingerprint that tells two requests under one key apart.
type keyMark struct {
	key         store.Key
	fingerprint store.Fingerprint
	set         bool // whether the caller gave a key
}

// markKey scopes a key to caller and verb. The fields are the canonical values
// of the request, in a fixed order; fees and terms are not among them.
func markKey(by DID, verb store.Verb, key string, fields ...string) keyMark {
	if key == "" {
		return keyMark{}
	}
	return keyMark{key: scopedKey(by, verb, key), fingerprint: fingerprint(fields), set: true}
}

// scopedKey is the journal's name for a key of a caller for a verb.
func scopedKey(by DID, verb store.Verb, key string) store.Key {
	sum := digest("key", by.String(), verb.String(), key)
	return store.Key(sum[:16])
}

// referenceKey is the name under which a reference is unique for ever.
func referenceKey(by DID, verb store.Verb, reference string) store.Key {
	sum := digest("reference", by.String(), verb.String(), reference)
	return store.Key(sum[:16])
}

func fingerprint(fields []string) store.Fingerprint {
	sum := digest(fields...)
	return store.Fingerprint(sum[:16])
}

// digest hashes fields so that no two lists run together: each is preceded by
// its length.
func digest(fields ...string) [sha256.Size]byte {
	var space [512]byte
	b := space[:0]
	for _, f := range fields {
		b = binary.BigEndian.AppendUint32(b, uint32(len(f)))
		b = append(b, f...)
	}
	return sha256.Sum256(b)
}

// ValidKey reports whether a text can be an idempotency key: 1 to [MaxKey]
// visible ASCII characters.
func ValidKey(key string) bool {
	for i := range len(key) {
		if key[i] < '!' || key[i] > '~' {
			return false
		}
	}
	return key != "" && len(key) <= MaxKey
}

// checkKey wants a key, or none at all.
func checkKey(key string) error {
	if key != "" && !ValidKey(key) {
		return ledger.Invalid("Idempotency-Key", "must be 1 to %d visible ASCII characters", MaxKey)
	}
	return nil
}
