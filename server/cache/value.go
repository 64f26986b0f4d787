package cache

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
)

// format begins every value: what another version wrote is not read.
const format = 1

// epoch tells what was made before a change from what was made after it.
type epoch [16]byte

func newEpoch() (e epoch) {
	rand.Read(e[:]) // never fails
	return e
}

func parseEpoch(text []byte) (e epoch, ok bool) {
	return e, copy(e[:], text) == len(e) && len(text) == len(e)
}

// digest is of an answer and of what it answers, in an epoch.
type digest [sha256.Size]byte

func digestOf(e epoch, question string, answer []byte) (d digest) {
	h := sha256.New()
	h.Write(e[:])
	asked := sha256.Sum256([]byte(question))
	h.Write(asked[:])
	h.Write(answer)
	h.Sum(d[:0])
	return d
}

// seal makes a value of an answer: the format, the digest, the answer.
func seal(e epoch, question string, answer []byte) []byte {
	d := digestOf(e, question, answer)
	value := make([]byte, 0, 1+len(d)+len(answer))
	return append(append(append(value, format), d[:]...), answer...)
}

// open is the answer of a value, nil for one that is not of this question and epoch, or
// is no value at all.
func open(value []byte, e epoch, question string) []byte {
	const head = 1 + len(digest{})
	if len(value) <= head || value[0] != format {
		return nil
	}
	d := digestOf(e, question, value[head:])
	if subtle.ConstantTimeCompare(d[:], value[1:head]) != 1 {
		return nil
	}
	return value[head:]
}

// epochName is where the epoch is kept. The format is a part of it, so that servers of
// two versions each have their own.
func (c *Cache) epochName() string { return *c.space.Load() + ":epoch:1" }

// nameOf is where the answer to a question is kept. A question may be long, and what
// clients send.
func (c *Cache) nameOf(question string) string {
	sum := sha256.Sum256([]byte(question))
	return *c.space.Load() + ":" + hex.EncodeToString(sum[:16])
}
