package plot

import (
	"bytes"
	"encoding/xml"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// An axis has whole powers of ten at its ends, and equal factors are equal ways.
func TestAxis(t *testing.T) {
	a := over([]float64{20_000, 10_000_000}, 100, 400)
	require.Equal(t, []float64{1e4, 1e5, 1e6, 1e7}, a.decades(), "a value at a power of ten is the end")
	for i, v := range a.decades() {
		require.InDelta(t, 100+100*float64(i), a.at(v), 1e-6)
	}
	require.InDelta(t, 150, a.at(math.Sqrt(1e9)), 1e-6)
	down := over([]float64{1e-6, 1e-3}, 400, 100)
	require.Greater(t, down.at(2e-6), down.at(2e-4), "what costs more is higher")
	one := over([]float64{1000}, 0, 10)
	require.Equal(t, []float64{1000, 10_000}, one.decades(), "one value has a decade")
}

// A power of ten that is not quite one begins no decade of its own.
func TestAxisForgivesRounding(t *testing.T) {
	require.Equal(t, []float64{10, 100}, over([]float64{10 * (1 - 1e-12), 100 * (1 + 1e-12)}, 0, 1).decades())
}

// A picture is XML, with each line through its points and each name, whatever is in it.
func TestWriteSVG(t *testing.T) {
	p := Plot{Title: `a < b & "c"`, X: "rows", Lines: []Line{
		{"level", []Point{{1e4, 1e-3}, {1e5, 1e-3}}}, {"steep", []Point{{1e4, 1e-4}, {1e5, 1e-3}}},
	}}
	var text bytes.Buffer
	require.NoError(t, p.WriteSVG(&text))
	require.Contains(t, text.String(), "a &lt; b &amp;")
	require.Contains(t, text.String(), `d="M80.0 50.0L620.0 50.0"`, "level at the top, over the whole width")
	require.Contains(t, text.String(), `d="M80.0 460.0L620.0 50.0"`, "from corner to corner")
	for _, words := range []string{">level<", ">steep<", ">10,000<", ">100,000<", ">100µs<", ">1ms<"} {
		require.Contains(t, text.String(), words)
	}
	require.NoError(t, xml.Unmarshal(text.Bytes(), new(struct{ XMLName xml.Name })))
	require.Equal(t, 4, strings.Count(text.String(), "<circle"))
}

// What has no logarithm is refused, and so is an empty plot.
func TestUnplottable(t *testing.T) {
	for _, points := range [][]Point{nil, {{0, 1}}, {{1, -1}}, {{1, math.NaN()}}, {{math.Inf(1), 1}}} {
		p := Plot{Lines: []Line{{"x", points}}}
		require.ErrorIs(t, p.WriteSVG(new(bytes.Buffer)), ErrUnplottable)
	}
}

// Names that would cover each other are moved apart, and stay in the picture.
func TestNamesHaveRoom(t *testing.T) {
	for _, test := range []struct{ given, want []float64 }{
		{[]float64{10, 50}, []float64{10, 50}},
		{[]float64{10, 12, 13}, []float64{10, 20, 30}},
		{[]float64{10, 95, 96}, []float64{10, 90, 100}},
		{[]float64{98, 99, 100}, []float64{80, 90, 100}},
	} {
		apart(test.given, 10, 100)
		require.Equal(t, test.want, test.given)
	}
}
