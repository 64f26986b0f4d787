package remote

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/openapi"
)

// stand is a server that answers as it is told, and remembers what it was asked.
type stand struct {
	*httptest.Server
	answer http.HandlerFunc
	got    []*http.Request
	bodies []string
}

func newStand(t *testing.T, answer http.HandlerFunc) *stand {
	s := &stand{answer: answer}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		s.got, s.bodies = append(s.got, r), append(s.bodies, body.String())
		s.answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// saying answers everything alike.
func saying(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// run carries a command out against the stand, with a token.
func (s *stand) run(args ...string) (code int, stdout, stderr string) {
	return run("", append(args, "--url", s.URL, "--token", "a-token")...)
}

// run carries a command line out as the binary does.
func run(stdin string, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	root := &cobra.Command{Use: "teg", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(Commands()...)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return misused("%w", err) })
	root.SetArgs(args)
	root.SetIn(strings.NewReader(stdin))
	root.SetOut(&out)
	root.SetErr(&errs)
	if err := root.Execute(); err != nil {
		var coded *Error
		if code = -1; errors.As(err, &coded) { // whatever else there is has no code of ours
			code = coded.ExitCode()
		}
		errs.WriteString(err.Error())
	}
	return code, out.String(), errs.String()
}

// documented answers with the examples of the OpenAPI document.
func documented(t *testing.T) http.HandlerFunc {
	var document struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct {
				Content map[string]struct{ Example json.RawMessage }
			}
		}
	}
	text := regexp.MustCompile(`"servers":\[[^]]*\],?`).ReplaceAll(openapi.JSON(openapi.DefaultPrefix), nil)
	require.NoError(t, json.Unmarshal(text, &document))
	type route struct {
		method  string
		path    *regexp.Regexp
		status  int
		example []byte
	}
	var routes []route
	variable := regexp.MustCompile(`\\\{[a-z_]+\\\}`)
	for path, methods := range document.Paths {
		pattern := regexp.MustCompile("^/api/v1" + variable.ReplaceAllString(regexp.QuoteMeta(path), "[^/]+") + "$")
		for method, operation := range methods {
			for _, status := range []int{200, 201} {
				if example := operation.Responses[strconv.Itoa(status)].Content["application/json"].Example; len(example) > 0 {
					routes = append(routes, route{strings.ToUpper(method), pattern, status, example})
				}
			}
		}
	}
	return func(w http.ResponseWriter, r *http.Request) {
		best, found := 0, route{status: 404, example: []byte(`{"error_code":"ROUTE_NOT_FOUND","message":"` + r.Method + ` ` + r.URL.Path + `"}`)}
		for _, each := range routes { // the longest pattern is the one with the fewest variables
			if length := len(each.path.String()); each.method == r.Method && each.path.MatchString(r.URL.Path) && length > best {
				best, found = length, each
			}
		}
		saying(found.status, string(found.example))(w, r)
	}
}
