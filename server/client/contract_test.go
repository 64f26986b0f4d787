package client_test

import (
	"context"
	"encoding"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/client"
)

// recorder answers every request in one way, and keeps the last one.
type recorder struct {
	status      int
	contentType string
	answer      []byte
	got         *http.Request
	body        []byte
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.got = request
	r.body, _ = io.ReadAll(request.Body)
	w.Header().Set("Content-Type", r.contentType)
	w.WriteHeader(r.status)
	_, _ = w.Write(r.answer)
}

func record(t *testing.T, options ...client.Option) (*recorder, *client.Client) {
	t.Helper()
	r := &recorder{contentType: "application/json"}
	served := httptest.NewServer(r)
	t.Cleanup(served.Close)
	options = append([]client.Option{client.WithToken("token"), client.WithHTTPClient(served.Client())}, options...)
	c, err := client.New(served.URL, options...)
	require.NoError(t, err)
	return r, c
}

// methodOf is the method of an operation.
func methodOf(c *client.Client, o operation) reflect.Value {
	return reflect.ValueOf(c).MethodByName(strings.ToUpper(o.id[:1]) + o.id[1:])
}

// Each operation of the document has a method, and each method that calls is one, or goes
// through the pages of one.
func TestTheClientHasAllOperations(t *testing.T) {
	c, err := client.New("http://teg.example")
	require.NoError(t, err)
	names := []string{"CloseIdleConnections", "EndSession", "AccessToken", "Call", "Events"}
	pages := 0
	for _, o := range readDocument(t).operations() {
		require.True(t, methodOf(c, o).IsValid(), "the client has no method for %s: run make generate", o.id)
		names = append(names, strings.ToUpper(o.id[:1])+o.id[1:])
		if slices.ContainsFunc(o.parameters, func(p node) bool { return p["name"] == "cursor" }) {
			pages++
		}
	}
	for method := range reflect.TypeOf(c).Methods() {
		if strings.HasPrefix(method.Name, "All") {
			pages--
			continue
		}
		require.Contains(t, names, method.Name)
	}
	require.Zero(t, pages, "each list has a method that goes through all of its pages")
}

// Every method sends what the document says, and reads all of what it says: each example of
// a request and of an answer goes through the client's types and is the same.
func TestEveryMethodKeepsTheContract(t *testing.T) {
	d := readDocument(t)
	r, c := record(t)
	for _, o := range d.operations() {
		for status, example := range o.answers {
			t.Run(o.id+" "+strconv.Itoa(status), func(t *testing.T) {
				answer, err := json.Marshal(example)
				require.NoError(t, err)
				r.status, r.answer = status, answer
				method := methodOf(c, o)
				results := method.Call(argumentsOf(t, method.Type(), o))
				require.Nil(t, results[len(results)-1].Interface())
				d.sent(t, o, r)
				switch {
				case o.file:
					require.Equal(t, answer, results[0].Interface())
				case example != nil:
					again, err := json.Marshal(results[0].Interface())
					require.NoError(t, err)
					require.Equal(t, plain(t, answer), plain(t, again))
				}
			})
		}
	}
}

// sent requires the request to be that of the examples.
func (d *document) sent(t *testing.T, o operation, r *recorder) {
	t.Helper()
	require.Equal(t, o.method, r.got.Method)
	require.Equal(t, o.where(), r.got.URL.Path)
	given := r.got.URL.Query()
	for name, example := range o.examples("query") {
		if example == "0" || example == "false" { // what is so anyway
			require.False(t, given.Has(name))
			continue
		}
		require.Equal(t, plainText(example), plainText(given.Get(name)), name)
	}
	require.LessOrEqual(t, len(given), len(o.examples("query")))
	keyed := slices.ContainsFunc(o.parameters, func(p node) bool { return p["name"] == "Idempotency-Key" })
	require.Equal(t, keyed, r.got.Header.Get("Idempotency-Key") != "")
	if o.request == nil {
		require.Empty(t, r.body)
		return
	}
	require.Equal(t, "application/json", r.got.Header.Get("Content-Type"))
	d.holds(t, o, r.body)
	example, err := json.Marshal(o.request)
	require.NoError(t, err)
	require.Equal(t, asked(plain(t, example)), asked(plain(t, r.body)))
}

// argumentsOf makes what a method takes out of the examples.
func argumentsOf(t *testing.T, method reflect.Type, o operation) []reflect.Value {
	t.Helper()
	list := []reflect.Value{reflect.ValueOf(context.Background())}
	left := o.arguments()
	for i := 1; i < method.NumIn()-1; i++ { // the last ones are the options
		value := reflect.New(method.In(i))
		switch name := method.In(i).Name(); {
		case len(left) > 0:
			setText(t, value.Elem(), left[0])
			left = left[1:]
		case strings.HasSuffix(name, "Query"):
			fill(t, value.Elem(), o.examples("query"))
		default:
			text, err := json.Marshal(o.request)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(text, value.Interface()))
		}
		list = append(list, value.Elem())
	}
	require.Empty(t, left)
	return list
}

// fill sets the fields of a query.
func fill(t *testing.T, query reflect.Value, examples map[string]string) {
	t.Helper()
	for name, example := range examples {
		field := query.FieldByNameFunc(func(field string) bool { return strings.EqualFold(field, strings.ReplaceAll(name, "_", "")) })
		if field.IsValid() { // what is required is an argument
			setText(t, field, example)
		}
	}
}

func setText(t *testing.T, value reflect.Value, text string) {
	t.Helper()
	if at, is := value.Addr().Interface().(*time.Time); is {
		read, err := time.Parse(time.DateOnly, text)
		if err != nil {
			read, err = time.Parse(time.RFC3339, text)
		}
		require.NoError(t, err)
		*at = read
		return
	}
	if reader, is := value.Addr().Interface().(encoding.TextUnmarshaler); is {
		require.NoError(t, reader.UnmarshalText([]byte(text)))
		return
	}
	if value.Kind() == reflect.String {
		value.SetString(text)
		return
	}
	require.NoError(t, json.Unmarshal([]byte(text), value.Addr().Interface()))
}

// asked is a request without the difference between a number and its text, and without
// choices that say what is so anyway.
func asked(value any) any {
	switch value := value.(type) {
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	case []any:
		for i := range value {
			value[i] = asked(value[i])
		}
	case node:
		for name := range value {
			if value[name] == false {
				delete(value, name)
				continue
			}
			value[name] = asked(value[name])
		}
	}
	return value
}

// plain reads JSON so that two texts of the same value are equal.
func plain(t *testing.T, text []byte) any {
	t.Helper()
	var value any
	require.NoError(t, json.Unmarshal(text, &value))
	return plainValue(value)
}

func plainValue(value any) any {
	switch value := value.(type) {
	case node:
		for name := range value {
			value[name] = plainValue(value[name])
		}
	case []any:
		for i := range value {
			value[i] = plainValue(value[i])
		}
	case string:
		return plainText(value)
	}
	return value
}

// plainText is the same for all texts of one time.
func plainText(text string) any {
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UnixMicro()
		}
	}
	return text
}
