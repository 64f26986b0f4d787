package auditor

import (
	"encoding/binary"
	"iter"
	"math/bits"
	"slices"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// tape is a trail of what happens often. It is written as bytes, each record as what is
// different from the one before, which takes a fifth of the room: most of what rules
// remember is on tapes. Times are milliseconds there. All records of a tape have the same
// parts.
type tape struct {
	text   []byte // records, oldest first
	before stamp  // of the record before the first
	last   stamp
	length int32
}

// stamp is when something was, and where in the log.
type stamp struct{ at, position int64 }

// taped is what is remembered of an event on a tape.
type taped struct {
	stamp
	peer   party
	slot   uint8 // of the peer
	amount amount.Amount
}

// parts are what records have beside their stamps.
type parts uint8

const (
	peers parts = 1 << iota
	slots
	amounts
)

// milliseconds is a time as tapes have it.
func milliseconds(micros int64) int64 { return floor(micros, 1000) }

// tapedOf is what a tape has of an event.
func tapedOf(e *Event, peer party, now int64) taped {
	return taped{stamp: stamp{milliseconds(now), e.Position}, peer: peer, amount: e.Amount}
}

// add appends a record and keeps the newest.
func (t *tape) add(r taped, with parts, most int) {
	if n := int(t.length) - most + 1; n > 0 {
		t.drop(n, with)
	}
	if t.length == 0 {
		t.before, t.last = r.stamp, r.stamp
	}
	var room [64]byte
	t.splice(len(t.text), len(t.text), appendTaped(room[:0], t.last, r, with))
	t.last = r.stamp
	t.length++
}

// expire drops what is from up to and including a time in milliseconds.
func (t *tape) expire(until int64, with parts) {
	n := 0
	for r := range t.all(with) {
		if r.at > until {
			break
		}
		n++
	}
	t.drop(n, with)
}

// drop takes the first n away.
func (t *tape) drop(n int, with parts) {
	end := 0
	for range n {
		var r taped
		r, end = readTaped(t.text, end, t.before, with)
		t.before = r.stamp
	}
	t.splice(0, end, nil)
	t.length -= int32(n)
}

// remove takes out the record of a peer, of which there is one at most, and reports whether
// there was one. The one behind it is written anew, as what is different from the one before.
// Such records have no amounts.
func (t *tape) remove(peer party, with parts) bool {
	n := t.index(peer, with)
	if n < 0 {
		return false
	}
	before, from := t.before, 0
	for range n {
		var r taped
		r, from = readTaped(t.text, from, before, with)
		before = r.stamp
	}
	r, to := readTaped(t.text, from, before, with)
	t.length--
	if to == len(t.text) {
		t.splice(from, to, nil)
		t.last = before
		return true
	}
	next, end := readTaped(t.text, to, r.stamp, with)
	var room [64]byte
	t.splice(from, end, appendTaped(room[:0], before, next, with))
	return true
}

// index is which record a peer has, or -1. It reads nothing else: most are not there.
func (t *tape) index(peer party, with parts) int {
	for n, at := 0, 0; at < len(t.text); n++ {
		given, end := uvarint(t.text, skip(t.text, skip(t.text, at)))
		if party(given) == peer {
			return n
		}
		if at = end; with&slots != 0 {
			at++
		}
	}
	return -1
}

// splice replaces a part of the text. There is little room to spare, and none is kept that
// is mostly empty: there are many tapes.
func (t *tape) splice(from, to int, text []byte) {
	size := len(t.text) - (to - from) + len(text)
	switch {
	case size == 0:
		t.text = nil
	case size > cap(t.text) || cap(t.text) > 64 && size < cap(t.text)/2:
		anew := append(make([]byte, 0, size+max(8, size/16)), t.text[:from]...)
		t.text = append(append(anew, text...), t.text[to:]...)
	default:
		t.text = slices.Replace(t.text, from, to, text...)
	}
}

// all reads the tape from the oldest record on.
func (t *tape) all(with parts) iter.Seq[taped] {
	return func(yield func(taped) bool) {
		before, at := t.before, 0
		for at < len(t.text) {
			var r taped
			r, at = readTaped(t.text, at, before, with)
			if !yield(r) {
				return
			}
			before = r.stamp
		}
	}
}

// first is the oldest record; there must be one.
func (t *tape) first(with parts) taped {
	r, _ := readTaped(t.text, 0, t.before, with)
	return r
}

// positions lists those of the records, the newest and at most as many as a finding has.
func (t *tape) positions(with parts) []int64 {
	list := make([]int64, 0, t.length)
	for r := range t.all(with) {
		list = append(list, r.position)
	}
	return newest(list)
}

func appendTaped(text []byte, before stamp, r taped, with parts) []byte {
	text = binary.AppendUvarint(text, uint64(r.at-before.at))
	text = binary.AppendUvarint(text, uint64(r.position-before.position))
	if with&peers != 0 {
		text = binary.AppendUvarint(text, uint64(r.peer))
	}
	if with&slots != 0 {
		text = append(text, r.slot)
	}
	if with&amounts != 0 {
		text = appendAmount(text, r.amount)
	}
	return text
}

// readTaped reads the record that begins at a place, and returns where the next one does.
func readTaped(text []byte, at int, before stamp, with parts) (r taped, end int) {
	since, at := uvarint(text, at)
	behind, at := uvarint(text, at)
	r.stamp = stamp{before.at + int64(since), before.position + int64(behind)}
	if with&peers != 0 {
		var peer uint64
		peer, at = uvarint(text, at)
		r.peer = party(peer)
	}
	if with&slots != 0 {
		r.slot, at = text[at], at+1
	}
	if with&amounts != 0 {
		r.amount, at = readAmount(text, at)
	}
	return r, at
}

// uvarint reads a number that is short mostly.
func uvarint(text []byte, at int) (n uint64, end int) {
	if first := text[at]; first < 0x80 {
		return uint64(first), at + 1
	}
	return longUvarint(text, at)
}

func longUvarint(text []byte, at int) (n uint64, end int) {
	for shift := 0; ; shift += 7 {
		b := text[at]
		at++
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n, at
		}
	}
}

// skip returns where the number that begins at a place ends.
func skip(text []byte, at int) int {
	for text[at] >= 0x80 {
		at++
	}
	return at + 1
}

// cent is 0.01 AVT, of which most amounts are a multiple.
const cent = 10_000_000_000_000_000

// appendAmount writes an amount: twice the number of cents or, where it is none, an odd
// number and all of it.
func appendAmount(text []byte, a amount.Amount) []byte {
	hi, lo := a.Parts()
	if hi < cent {
		if cents, rest := bits.Div64(hi, lo, cent); rest == 0 && cents < 1<<63 {
			return binary.AppendUvarint(text, cents<<1)
		}
	}
	return binary.AppendUvarint(binary.AppendUvarint(append(text, 1), hi), lo)
}

func readAmount(text []byte, at int) (amount.Amount, int) {
	n, at := uvarint(text, at)
	hi, lo := bits.Mul64(n>>1, cent)
	if n&1 != 0 {
		hi, at = uvarint(text, at)
		lo, at = uvarint(text, at)
	}
	a, _ := amount.FromParts(hi, lo) // it was an amount
	return a, at
}
