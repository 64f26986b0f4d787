package strictjson

import "strconv"

// segment is one step of a path: into a member of an object by name, or into
// an element of an array by index.
type segment struct {
	name  string
	index int // -1 for a member
}

func (d *decoder) pushName(name string) { d.path = append(d.path, segment{name, -1}) }
func (d *decoder) pushIndex(i int)      { d.path = append(d.path, segment{"", i}) }
func (d *decoder) pop()                 { d.path = d.path[:len(d.path)-1] }

// failAt notes a fault of the member name of the object at the current path.
func (d *decoder) failAt(name, message string) {
	d.pushName(name)
	d.fail(message, nil)
	d.pop()
}

// pathText writes a path as callers see it, transfers[3].amount. It stops once
// there is more than an error tells: callers choose names inside free-form
// data.
func pathText(path []segment) string {
	if len(path) == 0 {
		return Root
	}
	var b []byte
	for i, s := range path {
		switch {
		case s.index >= 0:
			b = append(b, '[')
			b = strconv.AppendInt(b, int64(s.index), 10)
			b = append(b, ']')
		default:
			if i > 0 {
				b = append(b, '.')
			}
			b = append(b, cut(s.name, maxFieldRunes)...)
		}
		if len(b) > 4*maxFieldRunes {
			break
		}
	}
	return string(b)
}
