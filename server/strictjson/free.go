package strictjson

import (
	"bytes"
	"encoding/json"
	"reflect"
)

func readAny(d *decoder, into reflect.Value) error {
	v, err := d.free()
	if err == nil && v != nil {
		into.Set(reflect.ValueOf(v))
	}
	return err
}

func readMap(d *decoder, into reflect.Value) error {
	if d.in[d.pos] != '{' {
		return d.mismatch("must be a JSON object")
	}
	v, err := d.freeObject()
	if err == nil {
		into.Set(reflect.ValueOf(v))
	}
	return err
}

// readRaw keeps the text of a value that passes the rules of free-form data.
func readRaw(d *decoder, into reflect.Value) error {
	start := d.pos
	if _, err := d.free(); err != nil {
		return err
	}
	into.SetBytes(bytes.Clone(d.in[start:d.pos]))
	return nil
}

// free reads free-form data of any kind. Numbers keep their literal text.
func (d *decoder) free() (any, error) {
	switch d.in[d.pos] {
	case '{':
		return d.freeObject()
	case '[':
		return d.freeArray()
	case '"':
		s, _, err := d.stringValue("")
		return s, err
	case 't':
		return true, d.word("true")
	case 'f':
		return false, d.word("false")
	case 'n':
		return nil, d.word("null")
	}
	literal, err := d.number()
	return json.Number(literal), err
}

func (d *decoder) freeObject() (map[string]any, error) {
	if err := d.enter(); err != nil {
		return nil, err
	}
	object := map[string]any{}
	for n := 0; ; n++ {
		key, ok, err := d.member(n)
		if !ok {
			return object, err
		}
		if err := d.freeMember(object, key); err != nil {
			return nil, err
		}
	}
}

func (d *decoder) freeMember(object map[string]any, key text) error {
	name := key.String()
	d.pushName(name)
	defer d.pop()
	if _, twice := object[name]; twice {
		d.fail(isTwice, nil)
	}
	if key.hasNUL() {
		d.fail(hasNUL, nil)
	}
	v, err := d.free()
	object[name] = v
	return err
}

func (d *decoder) freeArray() ([]any, error) {
	if err := d.enter(); err != nil {
		return nil, err
	}
	array := []any{}
	for n := 0; ; n++ {
		if ok, err := d.item(n, ']'); !ok {
			return array, err
		}
		d.pushIndex(n)
		v, err := d.free()
		d.pop()
		if err != nil {
			return nil, err
		}
		array = append(array, v)
	}
}
