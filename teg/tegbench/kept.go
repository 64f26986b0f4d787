package tegbench

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"slices"
	"time"
)

// Kept are results in the format of Go's benchmarks, which benchstat reads: a line
// for each round, so that it can tell a difference from noise.
type Kept struct {
	Database string // what was measured on; benchstat compares only what was on the same
	lines    []keptLine
}

type keptLine struct {
	name     string
	times    int
	measures []Measure
}

// Measure is one figure of a round.
type Measure struct {
	Value float64
	Unit  string // as benchstat has it: "ns/op", "ops/s"
}

// Units in which more is better; of others less is.
const (
	PerSecond = "ops/s"
	Ratio     = "ratio" // to what is compared with, in the same round
)

var moreIsBetter = []string{PerSecond, Ratio}

// keptName is what benchstat takes for the name of a benchmark.
var keptName = regexp.MustCompile(`^[A-Z][A-Za-z0-9_]*(/[A-Za-z0-9_=.]+)*$`)

// Add keeps one round of something that was done so many times. A name begins with an
// upper-case letter, and has its parts behind slashes: "Growth/transfer/rows=10000".
func (k *Kept) Add(name string, times int, measures ...Measure) {
	k.lines = append(k.lines, keptLine{name, times, measures})
}

// AddResult keeps a run.
func (k *Kept) AddResult(name string, r Result) {
	k.Add(name, r.Transfers, Measure{1e9 / r.Rate, "ns/op"}, Measure{r.Rate, PerSecond},
		Measure{float64(r.P50.Nanoseconds()), "p50-ns"}, Measure{float64(r.P99.Nanoseconds()), "p99-ns"})
}

// AddTimes keeps rounds of something that took so long each time.
func (k *Kept) AddTimes(name string, times int, each []time.Duration) {
	for _, took := range each {
		k.Add(name, times, Measure{float64(took.Nanoseconds()), "ns/op"})
	}
}

// WriteTo writes the file. It refuses names that benchstat would not read.
func (k *Kept) WriteTo(w io.Writer) (int64, error) {
	var text bytes.Buffer
	fmt.Fprintf(&text, "goos: %s\ngoarch: %s\npkg: github.com/agentvault/teg-layer\ndatabase: %s\n", runtime.GOOS, runtime.GOARCH, k.Database)
	for _, unit := range k.units() {
		better := "lower"
		if slices.Contains(moreIsBetter, unit) {
			better = "higher"
		}
		fmt.Fprintf(&text, "Unit %s better=%s\n", unit, better)
	}
	for _, line := range k.lines {
		if !keptName.MatchString(line.name) || line.times < 1 || len(line.measures) == 0 {
			return 0, fmt.Errorf("tegbench: %q, done %d times, cannot be kept", line.name, line.times)
		}
		fmt.Fprintf(&text, "Benchmark%s-%d\t%d", line.name, runtime.GOMAXPROCS(0), line.times)
		for _, m := range line.measures {
			fmt.Fprintf(&text, "\t%.6g %s", m.Value, m.Unit)
		}
		text.WriteByte('\n')
	}
	return text.WriteTo(w)
}

// units are those that need a word: benchstat knows those of Go itself.
func (k *Kept) units() []string {
	var units []string
	for _, line := range k.lines {
		for _, m := range line.measures {
			if m.Unit != "ns/op" && !slices.Contains(units, m.Unit) {
				units = append(units, m.Unit)
			}
		}
	}
	return units
}
