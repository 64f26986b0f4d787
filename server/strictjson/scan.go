package strictjson

// skipSpace steps over white space.
func (d *decoder) skipSpace() {
	for d.pos < len(d.in) {
		switch d.in[d.pos] {
		case ' ', '\t', '\n', '\r':
			d.pos++
		default:
			return
		}
	}
}

// next steps over white space and returns the byte that follows, which it
// leaves; the text must not end there.
func (d *decoder) next() (byte, error) {
	if d.skipSpace(); d.pos == len(d.in) {
		return 0, d.malformed("the text ends too early")
	}
	return d.in[d.pos], nil
}

// enter steps into an object or array, leave out of it.
func (d *decoder) enter() error {
	if d.depth++; d.depth > MaxDepth {
		return d.malformed("nested too deeply")
	}
	d.pos++
	return nil
}

func (d *decoder) leave() { d.depth-- }

// member steps to the value of the n-th member of the object that was entered
// and returns its key; false after the last one, with the object closed.
func (d *decoder) member(n int) (key text, ok bool, err error) {
	if ok, err := d.item(n, '}'); !ok {
		return text{}, false, err
	}
	if d.in[d.pos] != '"' {
		return text{}, false, d.malformed("a key must be a string")
	}
	if key, err = d.text(); err != nil {
		return text{}, false, err
	}
	if c, err := d.next(); err != nil || c != ':' {
		return text{}, false, d.malformed("a colon must follow a key")
	}
	d.pos++
	_, err = d.next()
	return key, err == nil, err
}

// item steps to the n-th item before the closing byte, over the comma; false
// after the last one, behind the closing byte.
func (d *decoder) item(n int, closing byte) (bool, error) {
	c, err := d.next()
	switch {
	case err != nil:
		return false, err
	case c == closing:
		d.pos++
		d.leave()
		return false, nil
	case n == 0:
		return true, nil
	case c != ',':
		return false, d.malformed("a comma is missing")
	}
	d.pos++
	_, err = d.next()
	return err == nil, err
}

// skip steps over a value of any kind, checking its syntax.
func (d *decoder) skip() error {
	switch d.in[d.pos] {
	case '{':
		return d.skipObject()
	case '[':
		return d.skipArray()
	case '"':
		_, err := d.text()
		return err
	case 't':
		return d.word("true")
	case 'f':
		return d.word("false")
	case 'n':
		return d.word("null")
	}
	_, err := d.number()
	return err
}

func (d *decoder) skipObject() error {
	if err := d.enter(); err != nil {
		return err
	}
	for n := 0; ; n++ {
		if _, ok, err := d.member(n); !ok {
			return err
		}
		if err := d.skip(); err != nil {
			return err
		}
	}
}

func (d *decoder) skipArray() error {
	if err := d.enter(); err != nil {
		return err
	}
	for n := 0; ; n++ {
		if ok, err := d.item(n, ']'); !ok {
			return err
		}
		if err := d.skip(); err != nil {
			return err
		}
	}
}

// word steps over one of the three literal names.
func (d *decoder) word(w string) error {
	if !d.at(w) {
		return d.malformed("a value is expected")
	}
	d.pos += len(w)
	return nil
}

func (d *decoder) at(w string) bool {
	return len(d.in)-d.pos >= len(w) && string(d.in[d.pos:d.pos+len(w)]) == w
}

// number steps over a number and returns its literal text.
func (d *decoder) number() ([]byte, error) {
	start := d.pos
	d.accept("-")
	switch {
	case d.accept("0"):
	case d.digits():
	default:
		return nil, d.malformed("a value is expected")
	}
	if d.accept(".") && !d.digits() {
		return nil, d.malformed("a digit must follow the decimal point")
	}
	if d.accept("eE") {
		if d.accept("+-"); !d.digits() {
			return nil, d.malformed("a digit must follow the exponent")
		}
	}
	return d.in[start:d.pos], nil
}

// accept steps over one byte that is among set.
func (d *decoder) accept(set string) bool {
	if d.pos < len(d.in) {
		for i := range len(set) {
			if d.in[d.pos] == set[i] {
				d.pos++
				return true
			}
		}
	}
	return false
}

func (d *decoder) digits() bool {
	start := d.pos
	for d.pos < len(d.in) && '0' <= d.in[d.pos] && d.in[d.pos] <= '9' {
		d.pos++
	}
	return d.pos > start
}
