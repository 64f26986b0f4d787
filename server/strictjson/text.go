package strictjson

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// text is a string of the body, checked but not copied.
type text struct {
	raw     []byte // what is between the quotes
	escaped bool   // raw has escape sequences
}

// String returns the text with its escape sequences replaced.
func (t text) String() string {
	if !t.escaped {
		return string(t.raw)
	}
	return string(unescape(t.raw))
}

// plain returns the same text without escape sequences.
func (t text) plain() text {
	if t.escaped {
		return text{raw: unescape(t.raw)}
	}
	return t
}

// hasNUL reports whether the text holds the character U+0000, which only an
// escape sequence can write.
func (t text) hasNUL() bool {
	return t.escaped && bytes.IndexByte(unescape(t.raw), 0) >= 0
}

// text steps over a string and checks it.
func (d *decoder) text() (text, error) {
	d.pos++
	t := text{}
	for start := d.pos; d.pos < len(d.in); {
		switch c := d.in[d.pos]; {
		case c == '"':
			t.raw = d.in[start:d.pos]
			d.pos++
			return t, nil
		case c == '\\':
			t.escaped = true
			if err := d.escape(); err != nil {
				return text{}, err
			}
		case c < 0x20:
			return text{}, d.malformed("a control character must be escaped")
		default:
			d.pos++
		}
	}
	return text{}, d.malformed("a string does not end")
}

// escape steps over an escape sequence, over two for a surrogate pair.
func (d *decoder) escape() error {
	rest := d.in[d.pos:]
	if len(rest) < 2 {
		return d.malformed("a string does not end")
	}
	switch rest[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		d.pos += 2
		return nil
	case 'u':
	default:
		return d.malformed("an escape sequence is unknown")
	}
	unit, ok := codeUnit(rest)
	if !ok {
		return d.malformed(`four hexadecimal digits must follow \u`)
	}
	size := 6
	if utf16.IsSurrogate(unit) {
		low, ok := codeUnit(rest[6:])
		if !ok || utf16.DecodeRune(unit, low) == utf8.RuneError {
			return d.malformed("half of a surrogate pair stands alone")
		}
		size = 12
	}
	d.pos += size
	return nil
}

// codeUnit reads the UTF-16 code unit that b starts with, written \uXXXX.
func codeUnit(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range b[2:6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// unescape replaces the escape sequences of a text that [decoder.text] passed.
func unescape(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		if raw[0] != '\\' {
			end := bytes.IndexByte(raw, '\\')
			if end < 0 {
				end = len(raw)
			}
			out, raw = append(out, raw[:end]...), raw[end:]
			continue
		}
		if raw[1] != 'u' {
			out, raw = append(out, short(raw[1])), raw[2:]
			continue
		}
		r, _ := codeUnit(raw)
		raw = raw[6:]
		if utf16.IsSurrogate(r) {
			low, _ := codeUnit(raw)
			r, raw = utf16.DecodeRune(r, low), raw[6:]
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// short returns the character that a two-byte escape sequence stands for.
func short(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}
