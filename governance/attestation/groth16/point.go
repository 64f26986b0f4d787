package groth16

import (
	"encoding/json"

	"github.com/consensys/gnark-crypto/ecc/bn254"
)

// What can be wrong with a point.
const (
	notPoint   = "is not a point in affine coordinates, with numbers in decimal below the modulus"
	atInfinity = "is the point at infinity"
	offCurve   = "is not on the curve"
	offGroup   = "is not in the group"
)

// parseG1 reads a point of G₁ from its coordinates (x, y, 1). All of the curve is the
// group.
func parseG1(place string, text json.RawMessage) (bn254.G1Affine, error) {
	var p bn254.G1Affine
	var xyz []string
	if err := json.Unmarshal(text, &xyz); err != nil || len(xyz) != 3 {
		return p, fault(place, notPoint)
	}
	if xyz[2] == "0" {
		return p, fault(place, atInfinity)
	}
	var okX, okY bool
	p.X, okX = parseCoordinate(xyz[0])
	p.Y, okY = parseCoordinate(xyz[1])
	switch {
	case !okX || !okY || xyz[2] != "1":
		return p, fault(place, notPoint)
	case p.IsInfinity(): // (0, 0), which the library takes for a point of the curve
		return p, fault(place, atInfinity)
	case !p.IsOnCurve():
		return p, fault(place, offCurve)
	}
	return p, nil
}

// parseG2 reads a point of G₂ from its coordinates (x, y, 1), each a pair a, b that
// stands for a + b·u.
func parseG2(place string, text json.RawMessage) (bn254.G2Affine, error) {
	var p bn254.G2Affine
	var xyz [][]string
	if err := json.Unmarshal(text, &xyz); err != nil || len(xyz) != 3 {
		return p, fault(place, notPoint)
	}
	var ok [3]bool
	var z bn254.E2
	p.X, ok[0] = parsePair(xyz[0])
	p.Y, ok[1] = parsePair(xyz[1])
	z, ok[2] = parsePair(xyz[2])
	switch {
	case ok != [3]bool{true, true, true} || !z.IsZero() && !z.IsOne():
		return p, fault(place, notPoint)
	case z.IsZero() || p.IsInfinity():
		return p, fault(place, atInfinity)
	case !p.IsOnCurve():
		return p, fault(place, offCurve)
	case !p.IsInSubGroup():
		return p, fault(place, offGroup)
	}
	return p, nil
}

func parsePair(text []string) (bn254.E2, bool) {
	var e bn254.E2
	if len(text) != 2 {
		return e, false
	}
	var ok0, ok1 bool
	e.A0, ok0 = parseCoordinate(text[0])
	e.A1, ok1 = parseCoordinate(text[1])
	return e, ok0 && ok1
}
