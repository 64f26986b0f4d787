package teg

import (
	"encoding/hex"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// canonical appends members to a JSON object. Callers name them in order.
type canonical struct{ b []byte }

func (w *canonical) name(name string) {
	if len(w.b) == 0 {
		w.b = append(w.b, '{')
	} else {
		w.b = append(w.b, ',')
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, name...)
	w.b = append(w.b, '"', ':')
}

func (w *canonical) text(name, text string) {
	if text != "" {
		w.name(name)
		w.b = appendCanonicalText(w.b, text)
	}
}

func (w *canonical) truth(name string, is bool) {
	if is {
		w.name(name)
		w.b = append(w.b, "true"...)
	}
}

func (w *canonical) number(name string, n int64) {
	w.name(name)
	w.b = strconv.AppendInt(w.b, n, 10)
}

func (w *canonical) amount(name string, a Amount) {
	if a.IsZero() {
		return
	}
	w.name(name)
	w.b = append(w.b, '"')
	w.b, _ = a.AppendText(w.b) // never fails
	w.b = append(w.b, '"')
}

func (w *canonical) time(name string, t time.Time) {
	if t.IsZero() {
		return
	}
	w.name(name)
	w.b = append(w.b, '"')
	w.b = t.UTC().AppendFormat(w.b, TimeFormat)
	w.b = append(w.b, '"')
}

func (w *canonical) ids(name string, ids []TransactionID) {
	if len(ids) == 0 {
		return
	}
	w.name(name)
	w.b = append(w.b, '[')
	for i, id := range ids {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = append(w.b, `"tx_`...)
		w.b = hex.AppendEncode(w.b, id[:])
		w.b = append(w.b, '"')
	}
	w.b = append(w.b, ']')
}

// object writes what is canonical already, unless it is empty.
func (w *canonical) object(name string, encoded []byte) {
	if len(encoded) > 0 {
		w.name(name)
		w.b = append(w.b, encoded...)
	}
}

// objects writes a list, unless it is empty.
func (w *canonical) objects(name string, n int, encode func(i int) []byte) {
	if n == 0 {
		return
	}
	w.name(name)
	for i := range n {
		w.b = append(w.b, "[,"[min(i, 1)])
		w.b = append(w.b, encode(i)...)
	}
	w.b = append(w.b, ']')
}

// appendCanonicalText writes a JSON string with the fewest escapes, as RFC 8785
// wants it.
func appendCanonicalText(b []byte, text string) []byte {
	b = append(b, '"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r >= ' ':
			b = utf8.AppendRune(b, r)
		default:
			b = appendControl(b, r)
		}
	}
	return append(b, '"')
}

func appendControl(b []byte, r rune) []byte {
	const short = "\b\t\n\f\r"
	if i := slices.Index([]rune(short), r); i >= 0 {
		return append(b, '\\', "btnfr"[i])
	}
	b = append(b, `\u00`...)
	if r < 0x10 {
		b = append(b, '0')
	}
	return strconv.AppendInt(b, int64(r), 16)
}
