package server

// document is the body of an answer that is no JSON.
type document struct {
	kind    string // its Content-Type
	content []byte
	forever bool // it never changes, whoever asks
}

// send writes a document.
func (c *call) send(status int, d document) {
	c.status = status
	h := c.w.Header()
	h.Set("Content-Type", d.kind)
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache")
		if d.forever {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		}
	}
	c.w.WriteHeader(status)
	_, _ = c.w.Write(d.content) // a client that is gone is no fault
}
