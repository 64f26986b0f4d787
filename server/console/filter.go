package console

import (
	"net/url"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
)

// listed is how many items a list shows at once.
const listed = 50

// filter is what a list is filtered by, as the address says.
type filter struct {
	Given  map[string]string
	Faults map[string]string // of what was given, by name
	Cursor string
	path   string
}

// filter reads the named parameters of the address.
func (v *visit) filter(names ...string) *filter {
	query := v.r.URL.Query()
	f := &filter{Given: map[string]string{}, Faults: map[string]string{}, Cursor: query.Get("cursor"), path: v.r.URL.Path}
	for _, name := range names {
		if text := strings.TrimSpace(query.Get(name)); text != "" {
			f.Given[name] = text
		}
	}
	return f
}

// agent reads a DID; the zero one where none was given.
func (f *filter) agent(name string) did.DID {
	text := f.Given[name]
	if text == "" {
		return did.DID{}
	}
	agent, err := did.Parse(text)
	if err != nil {
		f.Faults[name] = "that is no DID; it is like did:key:z6Mk…"
	}
	return agent
}

// date reads a day, which is its first moment in UTC.
func (f *filter) date(name string) time.Time {
	text := f.Given[name]
	if text == "" {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		f.Faults[name] = "that is no date; it is like 2026-11-30"
	}
	return day
}

// query are the parameters that were given, without the place in the list.
func (f *filter) query() url.Values {
	query := url.Values{}
	for name, text := range f.Given {
		query.Set(name, text)
	}
	return query
}

// with is the address of the same list with one more parameter, or another value of it.
func (f *filter) with(name, text string) string {
	query := f.query()
	query.Set(name, text)
	return f.path + "?" + query.Encode()
}

// pager leads to the other pages of a list.
type pager struct {
	First, Next string // addresses; empty where there is no such page
	Total       *int64
	Capped      bool
}

func (f *filter) pager(p client.Page) pager {
	links := pager{Total: p.Total, Capped: p.TotalCapped}
	query := f.query()
	if f.Cursor != "" {
		links.First = f.path + "?" + query.Encode()
	}
	if p.NextCursor != nil {
		query.Set("cursor", *p.NextCursor)
		links.Next = f.path + "?" + query.Encode()
	}
	return links
}
