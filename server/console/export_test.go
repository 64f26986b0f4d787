package console

// Paths are those of all pages, below the base.
func Paths() []string {
	var paths []string
	for _, p := range pages() {
		paths = append(paths, p.path)
	}
	return paths
}

// Act is an act as tests look at it.
type Act struct {
	Name, Method, Path string
	Fields             map[string]bool // whether it is always sent
	Keyed              bool
}

// Acts are all that can be done.
func Acts() []Act {
	var list []Act
	for _, a := range acts() {
		each := Act{a.name, a.method, a.path, map[string]bool{}, !a.keyless}
		within := ""
		if a.list != "" {
			each.Fields[a.list], within = true, a.list+"."
		}
		for _, f := range a.fields {
			each.Fields[within+f.name] = f.required || f.always
		}
		list = append(list, each)
	}
	return list
}

// NewKey is a key that was made at a time.
var NewKey = newKey

// Stale reports whether a page that asks under a key is too old.
var Stale = stale

// Destination is where a login leads that was asked to lead somewhere.
func (c *Console) Destination(next string) string { return c.destination(next) }

// Sealed is the cookie of a session.
func (c *Console) Sealed(token string) (string, error) {
	h, err := newHolder(token, "")
	if err != nil {
		return "", err
	}
	return c.seal.close(h), nil
}

// Opens reports whether a cookie is a session now.
func (c *Console) Opens(cookie string) bool { return c.seal.open(cookie) != nil }
