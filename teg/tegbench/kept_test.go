package tegbench

import (
	"bytes"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What is kept has the form that benchstat reads: settings, words about units, and a
// line for each round that ends with pairs of a number and a unit.
func TestKept(t *testing.T) {
	k := &Kept{Database: "sqlite"}
	k.AddResult("Transfer/engine/clients=256", Result{Transfers: 500, Rate: 4000, P50: time.Millisecond, P99: 3 * time.Millisecond})
	k.AddTimes("Growth/trust", 7, []time.Duration{1500, 1600})
	var text bytes.Buffer
	_, err := k.WriteTo(&text)
	require.NoError(t, err)
	procs := strconv.Itoa(runtime.GOMAXPROCS(0))
	require.Equal(t, "goos: "+runtime.GOOS+"\ngoarch: "+runtime.GOARCH+"\npkg: github.com/agentvault/teg-layer\ndatabase: sqlite\n"+
		"Unit ops/s better=higher\nUnit p50-ns better=lower\nUnit p99-ns better=lower\n"+
		"BenchmarkTransfer/engine/clients=256-"+procs+"\t500\t250000 ns/op\t4000 ops/s\t1e+06 p50-ns\t3e+06 p99-ns\n"+
		"BenchmarkGrowth/trust-"+procs+"\t7\t1500 ns/op\nBenchmarkGrowth/trust-"+procs+"\t7\t1600 ns/op\n", text.String())
}

// A name that benchstat would take apart is refused, and so is a line without a figure.
func TestKeptRefuses(t *testing.T) {
	for _, name := range []string{"", "lower", "Two words", "Slash/", "Dash-2", "Line\nbreak", "/X"} {
		k := &Kept{}
		k.AddTimes(name, 1, []time.Duration{1})
		_, err := k.WriteTo(new(bytes.Buffer))
		require.Error(t, err, "%q", name)
	}
	for _, line := range []keptLine{{"X", 0, []Measure{{1, "ns/op"}}}, {"X", 1, nil}} {
		k := &Kept{}
		k.Add(line.name, line.times, line.measures...)
		_, err := k.WriteTo(new(strings.Builder))
		require.Error(t, err)
	}
}
