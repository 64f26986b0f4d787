package console

// Paths are those of all pages, below the base.
func Paths() []string {
	var paths []string
	for _, p := range pages() {
		paths = append(paths, p.path)
	}
	return paths
}

// ActNames are the names of all that can be done.
func ActNames() []string {
	var names []string
	for _, a := range acts() {
		names = append(names, a.name)
	}
	return names
}

// Destination is where a login leads that was asked to lead somewhere.
func (c *Console) Destination(next string) string { return c.destination(next) }

// Sealed is the cookie of a session, and whether it is one at an instant.
func (c *Console) Sealed(token string) (string, error) {
	h, err := newHolder(token, "")
	if err != nil {
		return "", err
	}
	return c.seal.close(h), nil
}

// Opens reports whether a cookie is a session now.
func (c *Console) Opens(cookie string) bool { return c.seal.open(cookie) != nil }
