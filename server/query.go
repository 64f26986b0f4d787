package server

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/agentvault/teg-layer/server/strictjson"
	"github.com/agentvault/teg-layer/teg"
)

// query is the request's parameters. Each may be given once; those that no
// handler asked for are refused.
type query struct {
	values url.Values
	asked  []string
	faults *strictjson.InputError
}

func readQuery(raw string) (query, error) {
	if raw == "" {
		return query{}, nil
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return query{}, invalid("query", "cannot be read", nil)
	}
	q := query{values: values}
	for name, list := range values {
		if len(list) > 1 {
			q.fault(name, "is given more than once", "")
		}
		if !utf8.ValidString(list[0]) || strings.ContainsRune(list[0], 0) {
			q.fault(name, "must be UTF-8 without NUL", "")
		}
	}
	return q, nil
}

func (q *query) fault(field, message, value string) {
	f := strictjson.FieldError{Field: field, Message: message}
	if value != "" {
		f.Value = &value
	}
	if q.faults == nil {
		q.faults = &strictjson.InputError{}
	}
	q.faults.Add(f)
}

// text returns a parameter, empty when it was not given.
func (q *query) text(name string) string {
	q.asked = append(q.asked, name)
	return q.values.Get(name)
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
		q.fault(name, "a whole number from "+strconv.FormatInt(low, 10)+" to "+strconv.FormatInt(high, 10), text)
		return otherwise
	}
	return n
}

func (q *query) flag(name string) bool {
	text := q.text(name)
	if q.given(name) && text != "true" && text != "false" {
		q.fault(name, "true or false", text)
	}
	return text == "true"
}

// instant reads a time in RFC 3339, or a date, which is its first moment in UTC.
func (q *query) instant(name string) time.Time {
	text := q.text(name)
	if !q.given(name) {
		return time.Time{}
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() >= 1 && t.Year() <= 9999 {
			return t.UTC()
		}
	}
	q.fault(name, "a time in RFC 3339 or a date", text)
	return time.Time{}
}

func (q *query) agent(name string) teg.DID {
	text := q.text(name)
	if !q.given(name) {
		return teg.DID{}
	}
	id, err := teg.ParseDID(text)
	if err != nil {
		q.fault(name, "a DID", text)
	}
	return id
}

// check refuses parameters that nobody asked for, together with the other
// faults of the parameters and of what else was read.
func (q *query) check(other error) error {
	var input *strictjson.InputError
	if other != nil && !errors.As(other, &input) {
		return other // it comes before 422
	}
	for name := range q.values {
		if !slices.Contains(q.asked, name) {
			q.fault(name, "is not a parameter of this route", "")
		}
	}
	if q.faults == nil {
		return other
	}
	if input != nil {
		for _, f := range input.Fields {
			q.faults.Add(f)
		}
	}
	return q.faults
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
		q.fault("cursor", "must not be empty", "")
	}
	if q.given("cursor") && q.given("offset") {
		q.fault("offset", "not together with cursor", "")
	}
	return p
}

// pageInfo is the part of every page that is not the list.
type pageInfo struct {
	Total      *int64  `json:"total"`
	Capped     bool    `json:"total_capped,omitempty"`
	Limit      int     `json:"limit"`
	Offset     int64   `json:"offset"`
	NextCursor *string `json:"next_cursor"`
}

func (p page) info(total int64, capped bool, next string) pageInfo {
	info := pageInfo{Capped: capped, Limit: p.limit, Offset: p.offset}
	if total >= 0 {
		info.Total = &total
	}
	if next != "" {
		info.NextCursor = &next
	}
	return info
}
