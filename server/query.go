package server

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

// query is the request's parameters. Each may be given once; those that no
// handler asked for are refused.
type query struct {
	values url.Values
	asked  []string
	faults *faults // of the call
}

func readQuery(raw string, f *faults) query {
	q := query{faults: f}
	if raw == "" {
		return q
	}
	var err error
	if q.values, err = url.ParseQuery(raw); err != nil {
		f.add("query", "cannot be read", nil)
	}
	for name, list := range q.values {
		if len(list) > 1 {
			f.add(name, "is given more than once", nil)
		}
	}
	return q
}

// fault notes what is wrong with a parameter; a value that is not given is left
// out.
func (q *query) fault(name, message string) {
	var value *string
	if q.given(name) {
		shown := strings.ToValidUTF8(q.values.Get(name), "\uFFFD")
		value = &shown
	}
	q.faults.add(name, message, value)
}

// text returns a parameter, empty when it was not given or is none that a
// database could hold.
func (q *query) text(name string) string {
	q.asked = append(q.asked, name)
	given := q.values.Get(name)
	switch {
	case !utf8.ValidString(given):
		q.fault(name, "must be UTF-8")
	case strings.ContainsRune(given, 0):
		q.fault(name, "must not contain the character U+0000")
	default:
		return given
	}
	return ""
}

// filter returns a text that selects something.
func (q *query) filter(name string, limit int) string {
	text := q.text(name)
	switch {
	case q.given(name) && text == "":
		q.fault(name, "must not be empty")
	case utf8.RuneCountInString(text) > limit:
		q.fault(name, "must have at most "+strconv.Itoa(limit)+" characters")
	}
	return text
}

// given reports whether the parameter was sent at all.
func (q *query) given(name string) bool { return q.values.Has(name) }

// number returns a whole number within bounds, or the default.
func (q *query) number(name string, low, high, otherwise int64) int64 {
	text := q.text(name)
	if !q.given(name) {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < low || n > high || text != strconv.FormatInt(n, 10) {
		q.fault(name, "must be a whole number from "+strconv.FormatInt(low, 10)+" to "+strconv.FormatInt(high, 10))
		return otherwise
	}
	return n
}

func (q *query) flag(name string) bool {
	text := q.text(name)
	if q.given(name) && text != "true" && text != "false" {
		q.fault(name, "must be true or false")
	}
	return text == "true"
}

// rfc3339 is the form of a time; package time is more generous.
var rfc3339 = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

const badInstant = "must be a time in RFC 3339 or a date"

// parseInstant reads a time in RFC 3339, or a date, which is its first moment in UTC.
func parseInstant(text string) (t time.Time, ok bool) {
	layout := time.DateOnly
	if rfc3339.MatchString(text) {
		layout = time.RFC3339Nano
	}
	t, err := time.Parse(layout, text)
	if t = t.UTC(); err != nil || t.IsZero() || t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, false
	}
	return t, true
}

func (q *query) instant(name string) time.Time {
	text := q.text(name)
	if !q.given(name) {
		return time.Time{}
	}
	t, ok := parseInstant(text)
	if !ok {
		q.fault(name, badInstant)
	}
	return t
}

// oneOf returns one of several names, or the zero value.
func oneOf[T any](q *query, name string, parse func(string) (T, error)) T {
	text := q.text(name)
	var none T
	if !q.given(name) {
		return none
	}
	value, err := parse(text)
	if err != nil {
		q.fault(name, err.Error())
		return none
	}
	return value
}

// span reads the range start_date ≤ t < end_date.
func (q *query) span() (from, to time.Time) {
	from, to = q.instant("start_date"), q.instant("end_date")
	if !from.IsZero() && !to.IsZero() && to.Before(from) {
		q.fault("end_date", "must not be before start_date")
	}
	return from, to
}

func (q *query) agent(name string) teg.DID {
	text := q.text(name)
	if !q.given(name) {
		return teg.DID{}
	}
	id, err := teg.ParseDID(text)
	if err != nil {
		q.fault(name, "must be a DID")
	}
	return id
}

// refuseOthers refuses parameters that nobody asked for.
func (q *query) refuseOthers() {
	for name := range q.values {
		if !slices.Contains(q.asked, name) {
			q.faults.add(name, "is not a parameter of this route", nil)
		}
	}
}

// page is which part of a list the client wants.
type page struct {
	limit  int
	offset int64
	cursor string
	total  bool
}

func (q *query) page() page {
	p := page{
		limit: int(q.number("limit", 1, teg.MaxLimit, teg.DefaultLimit)), offset: q.number("offset", 0, 1<<53, 0),
		cursor: q.text("cursor"), total: q.flag("include_total"),
	}
	if q.given("cursor") && p.cursor == "" {
		q.fault("cursor", "must not be empty")
	}
	if q.given("cursor") && q.given("offset") {
		q.fault("offset", "must not be given together with cursor")
	}
	return p
}

// info is the part of a page that is not the list.
func (p page) info(total int64, capped bool, next string) api.Page {
	info := api.Page{Limit: p.limit, Offset: p.offset}
	if capped {
		info.TotalCapped = &capped
	}
	if total >= 0 {
		info.Total = &total
	}
	if next != "" {
		info.NextCursor = &next
	}
	return info
}
