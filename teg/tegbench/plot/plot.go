// Package plot draws how costs grow: lines over two logarithmic axes, as SVG, in which
// a cost that grows with the table is a slope and one that does not is level.
package plot

import (
	"errors"
	"math"
)

// Plot is a picture of some lines.
type Plot struct {
	Title string
	X     string // what the horizontal axis counts
	Lines []Line
}

// Line is what something cost, drawn through its points.
type Line struct {
	Name   string
	Points []Point // by X
}

// Point is a size, and the seconds that something took at it. Both are above zero.
type Point struct{ X, Seconds float64 }

// ErrUnplottable is a plot without points, or with some that have no logarithm.
var ErrUnplottable = errors.New("plot: a line needs points, all of them above zero")

// axis maps values to places along one side of the picture, by their logarithms.
type axis struct {
	low, high float64 // exponents of ten at its ends, whole numbers
	from, to  float64 // places of these
}

// over is the axis that has whole powers of ten at its ends, and all values within.
func over(values []float64, from, to float64) axis {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		low, high = min(low, math.Log10(v)), max(high, math.Log10(v))
	}
	a := axis{low: math.Floor(low + slack), high: math.Ceil(high - slack), from: from, to: to}
	if a.high <= a.low {
		a.high = a.low + 1
	}
	return a
}

// slack keeps a power of ten that was rounded from beginning another decade.
const slack = 1e-9

// at is the place of a value.
func (a axis) at(value float64) float64 {
	return a.from + (math.Log10(value)-a.low)/(a.high-a.low)*(a.to-a.from)
}

// decades are the powers of ten on the axis.
func (a axis) decades() []float64 {
	var list []float64
	for exponent := a.low; exponent <= a.high; exponent++ {
		list = append(list, math.Pow(10, exponent))
	}
	return list
}

// values are the coordinates of all points, by axis.
func (p *Plot) values() (x, y []float64, err error) {
	for _, line := range p.Lines {
		for _, point := range line.Points {
			if !good(point.X) || !good(point.Seconds) {
				return nil, nil, ErrUnplottable
			}
			x, y = append(x, point.X), append(y, point.Seconds)
		}
	}
	if len(x) == 0 {
		return nil, nil, ErrUnplottable
	}
	return x, y, nil
}

func good(v float64) bool { return v > 0 && !math.IsInf(v, 0) }
