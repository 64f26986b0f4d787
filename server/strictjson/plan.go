package strictjson

import (
	"reflect"
	"strings"
	"sync"
)

// reader reads the value at the decoder's position into a settable value. The
// error is one of syntax.
type reader func(d *decoder, into reflect.Value) error

// field is one member of an object, as the struct tells it.
type field struct {
	name   string
	index  []int
	secret bool
	read   reader
}

// plan is how objects are read into one struct type.
type plan struct {
	fields   []field
	required uint64 // bit i: field i must be there
}

// maxFields is how many fields the bit sets of a plan hold.
const maxFields = 64

// roots keeps the reader of each type that was given to Decode. Types are
// part of the program, so there are few.
var roots sync.Map // reflect.Type -> reader

func rootReader(t reflect.Type) (reader, error) {
	if known, ok := roots.Load(t); ok {
		return known.(reader), nil
	}
	read, err := compileRoot(t)
	if err == nil {
		roots.Store(t, read)
	}
	return read, err
}

func compileRoot(t reflect.Type) (reader, error) {
	switch {
	case t == mapType:
		return readMap, nil
	case t.Kind() != reflect.Struct:
		return nil, &TypeError{Type: t, Reason: "a body is read into a struct or a map[string]any"}
	}
	p, err := compiler{}.plan(t)
	if err != nil {
		return nil, err
	}
	return p.read, nil
}

// compiler works out the readers of one root type. It holds the plans that are
// begun, so that a type may contain itself.
type compiler map[reflect.Type]*plan

func (c compiler) plan(t reflect.Type) (*plan, error) {
	if known, ok := c[t]; ok {
		return known, nil
	}
	p := &plan{}
	c[t] = p
	if err := c.addFields(p, t, nil); err != nil {
		return nil, err
	}
	if len(p.fields) > maxFields {
		return nil, &TypeError{Type: t, Reason: "it has more than 64 fields"}
	}
	return p, nil
}

// addFields adds the fields of t, which is embedded in the plan's own type at
// prefix.
func (c compiler) addFields(p *plan, t reflect.Type, prefix []int) error {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, tagged := f.Tag.Lookup("json")
		index := append(prefix[:len(prefix):len(prefix)], i)
		var err error
		switch {
		case tag == "-":
		case f.Anonymous && !tagged && f.Type.Kind() == reflect.Struct:
			err = c.addFields(p, f.Type, index)
		case f.IsExported():
			err = c.addField(p, f, index)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c compiler) addField(p *plan, f reflect.StructField, index []int) error {
	name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "" {
		return &TypeError{Type: f.Type, Reason: "the field " + f.Name + " has no json name"}
	}
	if strings.Contains(options, "string") {
		return &TypeError{Type: f.Type, Reason: "the json option string of " + f.Name + " is not supported"}
	}
	for _, other := range p.fields {
		if other.name == name {
			return &TypeError{Type: f.Type, Reason: "two fields are named " + name}
		}
	}
	read, err := c.reader(f.Type)
	if err != nil {
		return err
	}
	optional := f.Type.Kind() == reflect.Pointer || strings.Contains(options, "omit")
	if !optional {
		p.required |= 1 << len(p.fields)
	}
	secret := f.Tag.Get("strict") == "secret"
	p.fields = append(p.fields, field{name: name, index: index, secret: secret, read: read})
	return nil
}

// find returns the index of the field that a key names, -1 for none.
func (p *plan) find(key text) int {
	key = key.plain()
	for i := range p.fields {
		if string(key.raw) == p.fields[i].name {
			return i
		}
	}
	return -1
}
