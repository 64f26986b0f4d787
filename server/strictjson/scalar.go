package strictjson

import (
	"encoding"
	"reflect"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// scalar is a type of the ledger that is read from text. The message is the
// same for every fault of a value: it says what is allowed, and repeats
// nothing of what was given.
type scalar struct {
	number  bool // a JSON number is read as well, from its literal text
	message string
	set     func(into any, text string) bool
}

var scalars = map[reflect.Type]scalar{
	reflect.TypeFor[amount.Amount](): {
		number:  true,
		message: "must be an amount: digits without leading zeros, at most 18 before the point and 18 after it, no sign and no exponent",
		set:     func(into any, s string) bool { return parse(into.(*amount.Amount), s, amount.Parse) },
	},
	reflect.TypeFor[amount.Rate](): {
		number:  true,
		message: "must be a percentage: 0 to 100, at most 4 digits after the point, no sign and no exponent",
		set:     func(into any, s string) bool { return parse(into.(*amount.Rate), s, amount.ParsePercent) },
	},
	reflect.TypeFor[did.DID](): {
		message: "must be a DID, such as did:web:example.com, of at most 255 bytes",
		set:     func(into any, s string) bool { return parse(into.(*did.DID), s, did.Parse) },
	},
}

func parse[T any](into *T, s string, parse func(string) (T, error)) bool {
	v, err := parse(s)
	if err != nil {
		return false
	}
	*into = v
	return true
}

func (s scalar) read(d *decoder, into reflect.Value) error {
	literal, ok, err := d.scalarText(s)
	if ok && !s.set(into.Addr().Interface(), literal) {
		d.fail(s.message, &literal)
	}
	return err
}

// scalarText reads the text of a string or, where the scalar allows it, of a
// number.
func (d *decoder) scalarText(s scalar) (string, bool, error) {
	if s.number && d.atNumber() {
		raw, err := d.number()
		return string(raw), err == nil, err
	}
	return d.stringValue(s.message)
}

// readTextUnmarshaler reads a string into a type of the host.
func readTextUnmarshaler(d *decoder, into reflect.Value) error {
	s, ok, err := d.stringValue("must be a string")
	if !ok {
		return err
	}
	err = into.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s))
	switch {
	case err == nil:
	case d.secret: // the reason may repeat the value
		d.fail("is not valid", nil)
	default:
		d.fail("is not valid: "+cut(err.Error(), MaxValueRunes), &s)
	}
	return nil
}
