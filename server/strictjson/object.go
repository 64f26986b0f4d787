package strictjson

import (
	"math/bits"
	"reflect"
)

// read reads an object into a struct.
func (p *plan) read(d *decoder, into reflect.Value) error {
	if d.in[d.pos] != '{' {
		return d.mismatch("must be a JSON object")
	}
	if err := d.enter(); err != nil {
		return err
	}
	var seen uint64
	for n := 0; ; n++ {
		key, ok, err := d.member(n)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if err := p.readMember(d, into, key, &seen); err != nil {
			return err
		}
	}
	for missing := p.required &^ seen; missing != 0; missing &= missing - 1 {
		d.failAt(p.fields[bits.TrailingZeros64(missing)].name, isRequired)
	}
	return nil
}

const (
	isRequired = "is required"
	isTwice    = "is given twice"
	isUnknown  = "is not a known field"
	hasNUL     = "must not contain the character U+0000"
)

// readMember reads the value of one member, if it has a field that is not seen
// yet.
func (p *plan) readMember(d *decoder, into reflect.Value, key text, seen *uint64) error {
	i := p.find(key)
	if i < 0 {
		d.failAt(key.String(), isUnknown)
		return d.skip()
	}
	f := &p.fields[i]
	if *seen&(1<<i) != 0 {
		d.failAt(f.name, isTwice)
		return d.skip()
	}
	*seen |= 1 << i
	if d.in[d.pos] == 'n' {
		if p.required&(1<<i) != 0 {
			d.failAt(f.name, isRequired)
		}
		return d.word("null")
	}
	return f.readValue(d, into)
}

func (f *field) readValue(d *decoder, into reflect.Value) error {
	outer := d.secret
	d.secret = outer || f.secret
	d.pushName(f.name)
	err := f.read(d, into.FieldByIndex(f.index))
	d.pop()
	d.secret = outer
	return err
}
