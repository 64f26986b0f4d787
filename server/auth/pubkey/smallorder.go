package pubkey

import (
	"encoding/hex"
	"strings"
)

// smallOrder are the encodings of the points of small order of edwards25519, without
// the bit of the sign, in hex digits.
var smallOrder = map[string]string{
	"01" + strings.Repeat("00", 31):                                    "order 1",
	"ec" + strings.Repeat("ff", 30) + "7f":                             "order 2",
	strings.Repeat("00", 32):                                           "order 4",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05": "order 8",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a": "order 8",
	"ed" + strings.Repeat("ff", 30) + "7f":                             "order 4, not canonical",
	"ee" + strings.Repeat("ff", 30) + "7f":                             "order 1, not canonical",
}

// isSmall reports whether a point is of small order.
func isSmall(point []byte) bool {
	plain := [32]byte(point)
	plain[31] &= 0x7f
	_, small := smallOrder[hex.EncodeToString(plain[:])]
	return small
}
