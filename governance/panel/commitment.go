package panel

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Lengths of salts, in characters. There are three choices: whoever could guess the
// salt would know the vote.
const (
	MinSalt = 22 // 128 bits in base64
	MaxSalt = 128
)

// commitmentSize is that of a SHA-256 in hex digits.
const commitmentSize = 2 * sha256.Size

// Commitment is what a member hands in before it says what it chose: the SHA-256, in
// lower-case hex digits, of
//
//	teg-panel-vote-v1 0x00 dispute 0x00 round 0x00 juror 0x00 choice 0x00 salt
//
// with the dispute's id, the round's number and the choice in their text forms. It
// fits no other dispute, round or member, so nobody can hand in another's.
func Commitment(dispute string, round int, juror did.DID, choice Choice, salt string) string {
	fields := []string{"teg-panel-vote-v1", dispute, strconv.Itoa(round), juror.String(), choice.String(), salt}
	sum := sha256.Sum256([]byte(strings.Join(fields, "\x00")))
	return hex.EncodeToString(sum[:])
}

// CheckCommitment refuses what cannot be one.
func CheckCommitment(commitment string) error {
	if len(commitment) != commitmentSize || strings.Trim(commitment, "0123456789abcdef") != "" {
		return ledger.Invalid("commitment", "must be a SHA-256 in %d lower-case hex digits", commitmentSize)
	}
	return nil
}

// CheckSalt refuses a salt that is too short to hide a vote, or that is no plain text.
func CheckSalt(salt string) error {
	ok := len(salt) >= MinSalt && len(salt) <= MaxSalt
	for i := 0; ok && i < len(salt); i++ {
		ok = salt[i] > ' ' && salt[i] <= '~'
	}
	if !ok {
		return ledger.Invalid("salt", "from %d to %d visible ASCII characters", MinSalt, MaxSalt)
	}
	return nil
}
