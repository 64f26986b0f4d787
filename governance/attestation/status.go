package attestation

import (
	"fmt"
	"slices"

	"github.com/agentvault/teg-layer/ledger"
)

// Status is where a submission stands. The zero value is invalid. The numbers are
// stored.
type Status uint8

// The states of a submission. All but PendingReview and PendingReward are ends.
const (
	Verified      Status = iota + 1 // its proof holds, and it got what the policy promised
	Unverified                      // its proof does not hold
	Accepted                        // taken, without a proof or without the reward
	PendingReview                   // a reviewer has to look at it
	Rejected                        // by a reviewer
	PendingReward                   // taken, and its reward is owed
)

var statusNames = [...]string{
	Verified: "zkp_verified_true", Unverified: "zkp_verified_false", Accepted: "accepted", PendingReview: "pending_review",
	Rejected: "rejected", PendingReward: "pending_reward",
}

const isNoStatus = "must be zkp_verified_true, zkp_verified_false, accepted, pending_review, rejected or pending_reward"

// statusTable says what a submission can become; the zero value stands for one that is
// being handed in.
var statusTable = map[Status][]Status{
	0:             {Verified, Unverified, Accepted, PendingReview, PendingReward},
	PendingReview: {Verified, Accepted, PendingReward, Rejected},
	PendingReward: {Verified, Accepted},
}

// Valid reports whether the status is one of those above.
func (s Status) Valid() bool { return s >= Verified && s <= PendingReward }

// CanBecome is the state table of submissions. The zero value stands for one that is
// being handed in.
func (s Status) CanBecome(next Status) bool { return slices.Contains(statusTable[s], next) }

// Stands reports whether a submission keeps others of its scope out.
func (s Status) Stands() bool { return s.Valid() && s != Unverified && s != Rejected }

// Taken reports whether a submission has come to a good end, by which its agent's score
// changes.
func (s Status) Taken() bool { return s == Verified || s == Accepted }

// String is the form that the HTTP API shows.
func (s Status) String() string {
	if !s.Valid() {
		return "invalid"
	}
	return statusNames[s]
}

// MarshalText returns the text form; an invalid status has none.
func (s Status) MarshalText() ([]byte, error) {
	if !s.Valid() {
		return nil, fmt.Errorf("attestation: status %d has no text", uint8(s))
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads the text form, as [ParseStatus] does.
func (s *Status) UnmarshalText(text []byte) error {
	read, err := ParseStatus(string(text))
	if err == nil {
		*s = read
	}
	return err
}

// ParseStatus reads the text form; anything else is [ledger.ErrInvalidInput].
func ParseStatus(text string) (Status, error) {
	for s := Verified; s <= PendingReward; s++ {
		if statusNames[s] == text {
			return s, nil
		}
	}
	return 0, ledger.Invalid("status", isNoStatus)
}

// Storage says what is known of the evidence that a submission points at. The numbers
// are stored.
type Storage uint8

// What is known of evidence.
const (
	NoStorage         Storage = iota // it points at nothing
	StorageUnverified                // not seen yet, or out of reach
	StorageVerified                  // it was read, and is what the pointer says
)

var storageNames = [...]string{NoStorage: "none", StorageUnverified: "unverified", StorageVerified: "verified"}

// String is the form that the HTTP API shows.
func (s Storage) String() string {
	if s > StorageVerified {
		return "invalid"
	}
	return storageNames[s]
}

// MarshalText returns the text form.
func (s Storage) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Proven says what came of a submission's proof. The numbers are stored.
type Proven uint8

// What came of a proof.
const (
	NoProof Proven = iota
	ProofHolds
	ProofFails
)

var provenNames = [...]string{NoProof: "", ProofHolds: "verified", ProofFails: "unverified"}

// String is the form that the log shows, empty without a proof.
func (p Proven) String() string {
	if p > ProofFails {
		return "invalid"
	}
	return provenNames[p]
}
