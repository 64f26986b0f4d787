package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// repetition says when a request may be sent again.
type repetition int

const (
	untouched repetition = iota // only where it is certain that nothing was done
	always                      // it has a key, or is answered the same again
	reading                     // always, as it changes nothing
	never
)

// call is an operation with what the caller gave for it.
type call struct {
	name, method, path string
	root               bool // whether it has no prefix
	anonymous          bool // whether no token is sent
	keyed              bool
	repeat             repetition
	variables          []string // of the path, in order
	query              url.Values
	body               any   // nil for none
	statuses           []int // under which its answer comes; 200 alone where nil
	file               bool  // whether its answer is taken as it is
	secret             bool  // whether its answer is for nobody else, and stands in no error
}

// writes reports whether a call may change anything that somebody would have to look after.
// What logs in and out does not: who doubts it does it anew.
func (c call) writes() bool {
	return c.method != http.MethodGet && c.repeat != reading && !c.anonymous
}

// accepts reports whether an answer comes under a status.
func (c call) accepts(status int) bool {
	return len(c.statuses) == 0 && status == http.StatusOK || slices.Contains(c.statuses, status)
}

// answer makes a call that is answered in JSON.
func answer[T any](ctx context.Context, c *Client, call call, options []CallOption) (*T, error) {
	got, err := c.do(ctx, call, options)
	if err != nil {
		return nil, err
	}
	out := new(T)
	if err := decode(got.body, out); err != nil {
		got.attempt.InDoubt = call.writes() && !got.dry
		return nil, got.unexpected("is not what the contract says: " + err.Error())
	}
	return out, nil
}

// content makes a call that is answered by a file.
func content(ctx context.Context, c *Client, call call, options []CallOption) ([]byte, error) {
	call.file = true
	got, err := c.do(ctx, call, options)
	if err != nil {
		return nil, err
	}
	return got.body, nil
}

// nothing makes a call whose answer says nothing.
func nothing(ctx context.Context, c *Client, call call, options []CallOption) error {
	_, err := c.do(ctx, call, options)
	return err
}

var variable = regexp.MustCompile(`\{[a-z_]+\}`)

// locate is the URL of a call. A variable that is empty would name another route.
func (c *Client) locate(call call) (string, error) {
	at := c.api
	if call.root {
		at = c.root
	}
	left, missing := call.variables, ""
	path := variable.ReplaceAllStringFunc(call.path, func(name string) string {
		value := left[0]
		left = left[1:]
		if value == "" {
			missing = strings.Trim(name, "{}")
		}
		return escape(value, name == "{tile}" || name == "{bundle}")
	})
	if missing != "" {
		return "", fmt.Errorf("client: %s: %s is empty", call.name, missing)
	}
	where := at + path
	if len(call.query) > 0 {
		where += "?" + call.query.Encode()
	}
	return where, nil
}

// escape writes a variable into a path: in one segment, unless it is one that has several.
// Dots that would lead elsewhere are escaped too.
func escape(value string, segments bool) string {
	if segments {
		parts := strings.Split(value, "/")
		for i := range parts {
			parts[i] = escape(parts[i], false)
		}
		return strings.Join(parts, "/")
	}
	if strings.Trim(value, ".") == "" {
		return strings.ReplaceAll(value, ".", "%2E")
	}
	return url.PathEscape(value)
}

// encode is the body of a call; nil for none.
func encode(call call) ([]byte, error) {
	if call.body == nil {
		return nil, nil
	}
	text, err := json.Marshal(call.body)
	if err != nil {
		return nil, fmt.Errorf("client: %s: the request cannot be written: %w", call.name, err)
	}
	return text, nil
}

// settle reads the options of a call, and gives it a key where it takes one.
func settle(call call, options []CallOption) (callSettings, error) {
	var s callSettings
	for _, option := range options {
		option(&s)
	}
	switch {
	case s.key != "" && !call.keyed:
		return s, fmt.Errorf("client: %s takes no key: leave out client.Key, and look before you call it again", call.name)
	case len(s.key) > 255 || !visible(s.key):
		return s, fmt.Errorf("client: %s: a key has 1 to 255 visible ASCII characters", call.name)
	case len(s.requestID) > 128 || !visible(s.requestID):
		return s, errors.New("client: a request id has 1 to 128 letters, digits, dots, underscores and hyphens")
	case s.key == "" && call.keyed:
		s.key = newKey()
	}
	return s, nil
}

// visible reports whether a text is of visible ASCII characters alone, so that it can stand
// in a header.
func visible(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < '!' || r > '~' })
}
