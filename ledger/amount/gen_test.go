package amount

import (
	"math/big"

	"pgregory.net/rapid"
)

// bigMax is Max in units, written down independently of it.
var bigMax, _ = new(big.Int).SetString("999999999999999999999999999999999999", 10)

func inBigRange(x *big.Int) bool { return x.Sign() >= 0 && x.Cmp(bigMax) <= 0 }

// amounts draws amounts of every size, the corners more often than chance.
func amounts() *rapid.Generator[Amount] {
	return rapid.Custom(func(t *rapid.T) Amount {
		hi := rapid.Uint64Range(0, maxHi).Draw(t, "hi")
		lo := rapid.Uint64().Draw(t, "lo")
		a, err := FromParts(hi, lo)
		if err != nil {
			return Max
		}
		switch rapid.IntRange(0, 5).Draw(t, "size") {
		case 0:
			return FromUnits(lo)
		case 1:
			return corners[int(lo%uint64(len(corners)))]
		}
		return a
	})
}

var corners = []Amount{
	{}, {0, 1}, {0, perAVT - 1}, {0, perAVT}, {0, perAVT + 1}, {0, 1<<64 - 1}, {1, 0},
	{maxHi, maxLo - 1}, Max,
}

func signeds() *rapid.Generator[Signed] {
	return rapid.Custom(func(t *rapid.T) Signed {
		a := amounts().Draw(t, "abs")
		if rapid.Bool().Draw(t, "negative") {
			return Neg(a)
		}
		return Pos(a)
	})
}

func rates() *rapid.Generator[Rate] {
	return rapid.Custom(func(t *rapid.T) Rate {
		return Rate{rapid.Uint32Range(0, one).Draw(t, "ppm")}
	})
}

func words128() *rapid.Generator[uint128] {
	return rapid.Custom(func(t *rapid.T) uint128 {
		word := rapid.OneOf(rapid.Uint64(), rapid.SampledFrom([]uint64{0, 1, 1 << 63, 1<<63 - 1, 1<<64 - 2, 1<<64 - 1}))
		return uint128{word.Draw(t, "hi"), word.Draw(t, "lo")}
	})
}

func (x uint128) big() *big.Int {
	z := new(big.Int).SetUint64(x.hi)
	return z.Lsh(z, 64).Or(z, new(big.Int).SetUint64(x.lo))
}
