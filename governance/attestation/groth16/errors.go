package groth16

import (
	"errors"
	"fmt"
)

// The errors of this package wrap one of these. Their texts name the place in the
// document that is at fault and repeat nothing of what stands there.
var (
	// ErrInvalidKey: the verifying key is not one, or must not be used.
	ErrInvalidKey = errors.New("invalid verifying key")
	// ErrMalformed: the proof or its public inputs are not what the key is for.
	ErrMalformed = errors.New("malformed proof")
	// ErrNotVerified: all is well formed, and the proof does not hold.
	ErrNotVerified = errors.New("the proof does not hold for these public inputs")
)

// fault is what is wrong with one place of a document; its reader says of which.
func fault(place, reason string) error { return fmt.Errorf("%s %s", place, reason) }
