package panel

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// MaxCandidates is how many can be on a roll: where there are more, those with the
// most at stake.
const MaxCandidates = 1000

// Candidate is somebody who can be drawn.
type Candidate struct {
	Juror   did.DID
	Account ledger.AccountID // available row; not part of the roll's text
	Weight  amount.Amount    // its own stake from before the dispute; more than zero
}

// Roll is those who can be drawn, each once, in the order of their DIDs' bytes.
type Roll []Candidate

// NewRoll puts candidates in order. Those without weight are left out, and whom the
// call excludes; of more than [MaxCandidates], those with the most weight stay.
func NewRoll(candidates []Candidate, excluded ...did.DID) Roll {
	roll := make(Roll, 0, len(candidates))
	for _, c := range candidates {
		if !c.Weight.IsZero() && !slices.Contains(excluded, c.Juror) {
			roll = append(roll, c)
		}
	}
	slices.SortFunc(roll, func(a, b Candidate) int {
		if byWeight := b.Weight.Cmp(a.Weight); byWeight != 0 {
			return byWeight
		}
		return a.Juror.Compare(b.Juror)
	})
	roll = roll[:min(len(roll), MaxCandidates)]
	slices.SortFunc(roll, func(a, b Candidate) int { return a.Juror.Compare(b.Juror) })
	return slices.CompactFunc(roll, func(a, b Candidate) bool { return a.Juror == b.Juror })
}

// Text is the roll as it is kept: a line for each, with the DID, a space, and the
// weight in AVT.
func (r Roll) Text() string {
	var b strings.Builder
	for _, c := range r {
		b.WriteString(c.Juror.String() + " " + c.Weight.String() + "\n")
	}
	return b.String()
}

// ParseRoll reads what [Roll.Text] wrote.
func ParseRoll(text string) (Roll, error) {
	var roll Roll
	for line := range strings.Lines(text) {
		name, weight, found := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		juror, err := did.Parse(name)
		if err != nil || !found {
			return nil, ledger.Invalid("roll", "%q is no line of a roll", line)
		}
		sum, err := amount.Parse(weight)
		if err != nil {
			return nil, err
		}
		roll = append(roll, Candidate{Juror: juror, Weight: sum})
	}
	return roll, nil
}

// Seed mixes what a draw depends on: a secret that nobody could know before, the
// dispute, the round, the hash of an event of the log, and the roll.
//
//	SHA-256("teg-panel-seed-v1" ‖ 0x00 ‖ secret ‖ dispute ‖ 0x00 ‖ round ‖ event ‖ SHA-256(roll))
//
// with the dispute's id in its text form, the round in one byte, and the roll as
// [Roll.Text] writes it.
func Seed(secret [32]byte, dispute string, round int, event [32]byte, roll string) [32]byte {
	hash := sha256.New()
	hash.Write([]byte("teg-panel-seed-v1\x00"))
	hash.Write(secret[:])
	hash.Write([]byte(dispute))
	hash.Write([]byte{0, byte(round)})
	hash.Write(event[:])
	listed := sha256.Sum256([]byte(roll))
	hash.Write(listed[:])
	return [32]byte(hash.Sum(nil))
}

// Draw draws up to so many of a roll, in the order in which they may take seats, as
// the package comment has it. The same seed and roll give the same result for ever.
func Draw(seed [32]byte, roll Roll, wanted int) []Candidate {
	left := slices.Clone(roll)
	stream := stream{seed: seed}
	var drawn []Candidate
	for len(drawn) < wanted && len(left) > 0 {
		at := pick(left, stream.below(total(left)))
		drawn = append(drawn, left[at])
		left = slices.Delete(left, at, at+1)
	}
	return drawn
}

// pick finds where in the sum of the weights a number lies.
func pick(roll Roll, number amount.Amount) int {
	var sum amount.Amount
	for i := range roll {
		sum = plus(sum, roll[i].Weight)
		if number.Less(sum) {
			return i
		}
	}
	panic("panel: a number beyond the sum of all weights") // a fault of these rules
}

func total(roll Roll) (sum amount.Amount) {
	for i := range roll {
		sum = plus(sum, roll[i].Weight)
	}
	return sum
}

// plus adds parts of what there is.
func plus(a, b amount.Amount) amount.Amount {
	sum, err := a.Add(b)
	if err != nil {
		panic("panel: more is at stake than there is") // the books would not balance
	}
	return sum
}

// stream is an endless sequence of bytes that follows from a seed.
type stream struct {
	seed  [32]byte
	block uint64
	rest  []byte
}

func (s *stream) next() byte {
	if len(s.rest) == 0 {
		hash := sha256.New()
		hash.Write([]byte("teg-panel-draw-v1\x00"))
		hash.Write(s.seed[:])
		hash.Write(binary.BigEndian.AppendUint64(nil, s.block))
		s.rest = hash.Sum(nil)
		s.block++
	}
	b := s.rest[0]
	s.rest = s.rest[1:]
	return b
}

// below takes numbers from the stream until one is smaller than a bound, which is
// more than zero.
func (s *stream) below(bound amount.Amount) amount.Amount {
	size := width(bound)
	for {
		var hi, lo uint64
		for range (size + 7) / 8 {
			hi, lo = hi<<8|lo>>56, lo<<8|uint64(s.next())
		}
		hi, lo = mask(hi, lo, size)
		number, err := amount.FromParts(hi, lo)
		if err == nil && number.Less(bound) { // what is no amount is above the bound too
			return number
		}
	}
}

// width is the number of bits of the largest number below a bound.
func width(bound amount.Amount) int {
	hi, lo := bound.Parts()
	lo, borrow := bits.Sub64(lo, 1, 0)
	hi, _ = bits.Sub64(hi, 0, borrow)
	if hi != 0 {
		return 64 + bits.Len64(hi)
	}
	return bits.Len64(lo)
}

// mask keeps the lowest bits of a number of two words.
func mask(hi, lo uint64, size int) (uint64, uint64) {
	if size <= 64 {
		return 0, lo & (1<<size - 1)
	}
	return hi & (1<<(size-64) - 1), lo
}
