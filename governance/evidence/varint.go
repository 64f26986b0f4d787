package evidence

import "encoding/binary"

// maxVarint is how long a number in a CID is at most, in bytes.
const maxVarint = 9

// readVarint reads a number from the beginning of a text, and tells how many bytes it took. Of
// the ways to write a number only the shortest is one, as in all of multiformats.
func readVarint(text []byte) (number uint64, n int, err error) {
	number, n = binary.Uvarint(text)
	if n <= 0 || n > maxVarint || n > 1 && text[n-1] == 0 {
		return 0, 0, errCID
	}
	return number, n, nil
}
