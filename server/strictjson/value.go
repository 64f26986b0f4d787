package strictjson

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strconv"
)

var (
	anyType   = reflect.TypeFor[any]()
	mapType   = reflect.TypeFor[map[string]any]()
	rawType   = reflect.TypeFor[json.RawMessage]()
	textType  = reflect.TypeFor[encoding.TextUnmarshaler]()
	hostsType = reflect.TypeFor[json.Unmarshaler]()
)

// reader returns the reader of a type: by the type itself, then by what it
// implements, then by its kind.
func (c compiler) reader(t reflect.Type) (reader, error) {
	if s, ok := scalars[t]; ok {
		return s.read, nil
	}
	switch t {
	case anyType:
		return readAny, nil
	case mapType:
		return readMap, nil
	case rawType:
		return readRaw, nil
	}
	pointer := reflect.PointerTo(t)
	switch {
	case pointer.Implements(textType):
		return readTextUnmarshaler, nil
	case pointer.Implements(hostsType):
		return nil, &TypeError{Type: t, Reason: "its UnmarshalJSON would read by rules of its own; UnmarshalText is used"}
	}
	return c.kindReader(t)
}

func (c compiler) kindReader(t reflect.Type) (reader, error) {
	switch t.Kind() {
	case reflect.String:
		return readString, nil
	case reflect.Bool:
		return readBool, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return readInt, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return readUint, nil
	case reflect.Struct:
		p, err := c.plan(t)
		if err != nil {
			return nil, err
		}
		return p.read, nil
	case reflect.Pointer:
		return c.pointerReader(t)
	case reflect.Slice:
		return c.sliceReader(t)
	}
	return nil, &TypeError{Type: t, Reason: "the kind is not supported"}
}

func (c compiler) pointerReader(t reflect.Type) (reader, error) {
	read, err := c.reader(t.Elem())
	if err != nil {
		return nil, err
	}
	return func(d *decoder, into reflect.Value) error {
		into.Set(reflect.New(t.Elem()))
		return read(d, into.Elem())
	}, nil
}

func (c compiler) sliceReader(t reflect.Type) (reader, error) {
	if t.Elem().Kind() == reflect.Uint8 {
		return nil, &TypeError{Type: t, Reason: "bytes have no JSON form that everybody agrees on; use a string"}
	}
	read, err := c.reader(t.Elem())
	if err != nil {
		return nil, err
	}
	return func(d *decoder, into reflect.Value) error { return readSlice(d, into, read) }, nil
}

func readSlice(d *decoder, into reflect.Value, read reader) error {
	if d.in[d.pos] != '[' {
		return d.mismatch("must be a list")
	}
	if err := d.enter(); err != nil {
		return err
	}
	into.Set(reflect.MakeSlice(into.Type(), 0, 4))
	for n := 0; ; n++ {
		if ok, err := d.item(n, ']'); !ok {
			return err
		}
		if n == MaxElements {
			d.fail("must have at most "+strconv.Itoa(MaxElements)+" elements", nil)
		}
		if n >= MaxElements {
			if err := d.skip(); err != nil {
				return err
			}
			continue
		}
		if n == into.Cap() {
			into.Grow(1)
		}
		into.SetLen(n + 1)
		d.pushIndex(n)
		err := read(d, into.Index(n))
		d.pop()
		if err != nil {
			return err
		}
	}
}

func readString(d *decoder, into reflect.Value) error {
	s, ok, err := d.stringValue("must be a string")
	if ok {
		into.SetString(s)
	}
	return err
}

// stringValue reads a string; not ok where it is something else, which is
// noted with the message, or has a NUL.
func (d *decoder) stringValue(message string) (s string, ok bool, err error) {
	if d.in[d.pos] != '"' {
		return "", false, d.mismatch(message)
	}
	t, err := d.text()
	if err != nil {
		return "", false, err
	}
	s = t.String()
	if t.hasNUL() {
		d.fail(hasNUL, &s)
		return "", false, nil
	}
	return s, true, nil
}

func readBool(d *decoder, into reflect.Value) error {
	if c := d.in[d.pos]; c != 't' && c != 'f' {
		return d.mismatch("must be true or false")
	}
	into.SetBool(d.in[d.pos] == 't')
	return d.skip()
}

func readInt(d *decoder, into reflect.Value) error {
	literal, err := d.wholeNumber()
	if literal == "" || err != nil {
		return err
	}
	n, err := strconv.ParseInt(literal, 10, into.Type().Bits())
	if err != nil {
		d.fail("is out of range", &literal)
		return nil
	}
	into.SetInt(n)
	return nil
}

func readUint(d *decoder, into reflect.Value) error {
	literal, err := d.wholeNumber()
	if literal == "" || err != nil {
		return err
	}
	n, err := strconv.ParseUint(literal, 10, into.Type().Bits())
	if err != nil {
		d.fail("is out of range", &literal)
		return nil
	}
	into.SetUint(n)
	return nil
}

// wholeNumber reads the literal of a number without fraction and exponent;
// "" where it is something else, which is noted.
func (d *decoder) wholeNumber() (string, error) {
	if !d.atNumber() {
		return "", d.mismatch("must be a whole number")
	}
	raw, err := d.number()
	if err != nil {
		return "", err
	}
	literal := string(raw)
	for i := range len(literal) {
		if c := literal[i]; c != '-' && (c < '0' || c > '9') {
			d.fail("must be a whole number", &literal)
			return "", nil
		}
	}
	return literal, nil
}

func (d *decoder) atNumber() bool {
	c := d.in[d.pos]
	return c == '-' || '0' <= c && c <= '9'
}
