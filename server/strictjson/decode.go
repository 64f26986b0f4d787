package strictjson

import (
	"reflect"
	"unicode/utf8"
)

// MaxDepth is how deep objects and arrays may be nested; the outermost one
// counts.
const MaxDepth = 64

// MaxElements is how many elements a list that is read into a slice may have. An
// element of a few bytes may become a hundred times as many in memory, so the
// length of the body alone is no bound.
const MaxElements = 1000

// Decode reads the JSON object in body into the struct, or the map[string]any,
// that into points at. Fields that are absent are left alone, so into should
// be a zero value. The error is a [*MalformedError], an [*InputError] or a
// [*TypeError]. After an InputError that lists fewer than [MaxFieldErrors] faults
// the fields that it names, and what lies in them, mean nothing; after any other
// error nothing in into does. Nothing in into refers to body afterwards.
func Decode(body []byte, into any) error {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return &TypeError{Type: reflect.TypeOf(into), Reason: "a pointer to a struct is needed"}
	}
	read, err := rootReader(target.Type().Elem())
	if err != nil {
		return err
	}
	d := decoder{in: body}
	d.path = d.stack[:0]
	if err := d.document(read, target.Elem()); err != nil {
		return err
	}
	if len(d.faults.Fields) > 0 {
		return &InputError{Fields: d.faults.Fields}
	}
	return nil
}

// decoder is one pass over one body. Its methods return an error for malformed
// text only, which ends the pass; what is wrong with fields is collected in
// faults, and the pass goes on.
type decoder struct {
	in     []byte
	pos    int
	depth  int
	secret bool // values are kept out of faults
	path   []segment
	stack  [6]segment // room for path, as deep as bodies usually are
	faults InputError
}

// document reads the whole body.
func (d *decoder) document(read reader, into reflect.Value) error {
	if !utf8.Valid(d.in) {
		return &MalformedError{Offset: invalidAt(d.in), Reason: "the body is not UTF-8"}
	}
	if d.skipSpace(); d.pos == len(d.in) {
		return &MalformedError{Reason: "the body is empty"}
	}
	if err := read(d, into); err != nil {
		return err
	}
	if d.skipSpace(); d.pos < len(d.in) {
		d.faults.Add(FieldError{Field: Root, Message: "must end after the JSON object"})
	}
	return nil
}

func invalidAt(b []byte) int {
	at := 0
	for at < len(b) {
		r, size := utf8.DecodeRune(b[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}

// malformed is the fault of syntax at the current position.
func (d *decoder) malformed(reason string) error {
	return &MalformedError{Offset: d.pos, Reason: reason}
}

// fail notes what is wrong with the field at the current path.
func (d *decoder) fail(message string, value *string) {
	if d.secret || len(d.path) == 0 {
		value = nil
	}
	d.faults.Add(FieldError{Field: pathText(d.path), Message: message, Value: value})
}

// mismatch notes that the value at the current position is not what the field
// wants, and steps over it.
func (d *decoder) mismatch(message string) error {
	shown, err := d.show()
	if err == nil {
		d.fail(message, shown)
	}
	return err
}

// show steps over a value and returns how an error repeats it: the text of a
// string, the literal of any other scalar, nil for objects and arrays.
func (d *decoder) show() (*string, error) {
	if d.in[d.pos] == '"' {
		t, err := d.text()
		if err != nil {
			return nil, err
		}
		shown := t.String()
		return &shown, nil
	}
	start, composite := d.pos, d.in[d.pos] == '{' || d.in[d.pos] == '['
	if err := d.skip(); err != nil || composite {
		return nil, err
	}
	shown := string(d.in[start:d.pos])
	return &shown, nil
}
