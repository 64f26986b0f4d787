package client

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// eventBlock is what comes between two empty lines of Server-Sent Events: an event, or a
// word in between.
type eventBlock struct {
	id      string
	hasID   bool
	data    []byte // nil where there is none
	comment string
}

// eventBlocks reads Server-Sent Events. The server writes each event's data on one line.
// What a connection ended in the middle of is not there: half of an id is another one.
type eventBlocks struct{ lines *bufio.Scanner }

func newEventBlocks(body io.Reader, longest int) *eventBlocks {
	lines := bufio.NewScanner(body)
	lines.Buffer(make([]byte, 0, min(longest, 4096)), longest)
	lines.Split(wholeLines)
	return &eventBlocks{lines}
}

// wholeLines splits at ends of lines, and leaves out what has none.
func wholeLines(text []byte, _ bool) (advance int, line []byte, err error) {
	end := bytes.IndexByte(text, '\n')
	if end < 0 {
		return 0, nil, nil
	}
	return end + 1, bytes.TrimSuffix(text[:end], []byte("\r")), nil
}

// next is what comes next; false at the end of the connection.
func (b *eventBlocks) next() (block eventBlock, more bool) {
	for b.lines.Scan() {
		line := b.lines.Bytes()
		if len(line) == 0 {
			return block, true
		}
		field, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(field) {
		case "id":
			block.id, block.hasID = string(value), true
		case "data":
			block.data = append([]byte{}, value...)
		case "":
			block.comment = string(value)
		}
	}
	return eventBlock{}, false
}

// tooLong reports whether the end is that of a line that never ends.
func (b *eventBlocks) tooLong() bool { return errors.Is(b.lines.Err(), bufio.ErrTooLong) }
