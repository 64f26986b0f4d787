package console

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/agentvault/teg-layer/server/auth"
)

// livePage shows events as they happen. Its script reads them from live/stream.
type livePage struct {
	Filter *filter
	Sees   bool   // whether the visitor may look at others
	Stream string // where the events come from
}

func live(v *visit) (any, error) {
	f := v.filter("types", "agent_id")
	if given := f.Given["types"]; given != "" { // as people write lists
		f.Given["types"] = strings.Join(strings.FieldsFunc(given, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }), ",")
		if f.Given["types"] == "" {
			delete(f.Given, "types") // the API takes no list of none
		}
	}
	f.agent("agent_id")
	query := url.Values{}
	for name, text := range f.Given {
		query.Set(name, text)
	}
	return livePage{f, v.may(auth.Auditor, auth.Admin), v.console.config.Base + "/live/stream?" + query.Encode()}, nil
}

// streamed are the parameters of the stream that a page may set.
var streamed = []string{"types", "agent_id", "after"}

// writeWithin is how long a browser may take to take a part of the stream.
const writeWithin = 30 * time.Second

// stream passes the API's events on to a page, with the visitor's token.
func (c *Console) stream(v *visit) error {
	query := url.Values{}
	for _, name := range streamed {
		if text := v.r.URL.Query().Get(name); text != "" {
			query.Set(name, text)
		}
	}
	request, err := http.NewRequestWithContext(v.r.Context(), http.MethodGet, c.root()+c.config.Prefix+"/events?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+v.who.token)
	request.Header.Set("Accept", "text/event-stream")
	if last := v.r.Header.Get("Last-Event-ID"); last != "" {
		request.Header.Set("Last-Event-ID", last)
	}
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	v.w.Header().Set("Content-Type", response.Header.Get("Content-Type"))
	v.w.WriteHeader(response.StatusCode)
	passOn(v.w, response.Body)
	return nil
}

// passOn writes what comes, as it comes, until one of both ends is gone.
func passOn(w http.ResponseWriter, from io.Reader) {
	control, part := http.NewResponseController(w), make([]byte, 16<<10)
	for {
		n, err := from.Read(part)
		_ = control.SetWriteDeadline(time.Now().Add(writeWithin)) // what cannot be bounded so is bounded otherwise
		if _, failed := w.Write(part[:n]); failed != nil {
			return
		}
		_ = control.Flush()
		if err != nil {
			return
		}
	}
}

// root is where the API is called, without its prefix.
func (c *Console) root() string {
	return strings.TrimRight(strings.TrimSuffix(strings.TrimRight(c.config.URL, "/"), c.config.Prefix), "/")
}
