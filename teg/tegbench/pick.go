package tegbench

import (
	"encoding/hex"
	"math"
	"math/rand/v2"
	"sort"

	"github.com/agentvault/teg-layer/teg"
)

// randomKey is what clients use: nothing about it is in order.
func randomKey() string {
	var b [16]byte
	for i := 0; i < len(b); i += 8 {
		word := rand.Uint64()
		for j := range 8 {
			b[i+j] = byte(word >> (8 * j))
		}
	}
	return hex.EncodeToString(b[:])
}

// picker draws parties and sums.
type picker struct {
	accounts int
	ranks    []float64 // running totals of the receivers' weights; nil: all equal
	sums     []teg.Amount
}

func newPicker(l Load) *picker {
	p := &picker{accounts: l.Accounts}
	for _, text := range []string{"0.01", "0.5", "1", "2.25", "3.141592653589793238", "7", "10"} {
		p.sums = append(p.sums, teg.AVT(text))
	}
	if l.Zipf == 0 {
		return p
	}
	total := 0.0
	p.ranks = make([]float64, l.Accounts)
	for i := range p.ranks {
		total += math.Pow(float64(i+1), -l.Zipf)
		p.ranks[i] = total
	}
	return p
}

// receiver draws somebody else than the payer.
func (p *picker) receiver(from int) int {
	for {
		to := rand.IntN(p.accounts)
		if p.ranks != nil {
			to = min(sort.SearchFloat64s(p.ranks, rand.Float64()*p.ranks[len(p.ranks)-1]), p.accounts-1)
		}
		if to != from {
			return to
		}
	}
}

func (p *picker) sum() teg.Amount { return p.sums[rand.IntN(len(p.sums))] }
