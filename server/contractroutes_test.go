package server_test

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
)

// withPattern is a variable that says what it matches.
var withPattern = regexp.MustCompile(`\{([a-z_]+):[^}]*\}`)

// The document has every route of the table and no other, with the variables of its path,
// the roles that may call it, and whether it takes an idempotency key.
func TestDocumentHasTheRoutes(t *testing.T) {
	a := newAPI(t, func(c *server.Config) { c.MetricsPage = http.NotFoundHandler() }) // every route there can be
	documented := map[string]*operation{}
	for _, o := range theContract().operations {
		documented[o.method+" "+o.full()] = o
	}
	for _, row := range a.server.Rows() {
		what := row.Method + " " + withPattern.ReplaceAllString(row.Path, "{$1}")
		o := documented[what]
		require.NotNil(t, o, "%s is not in the document", what)
		delete(documented, what)
		require.Equal(t, rolesOf(row), o.roles(), what)
		require.Equal(t, row.Keyed, slices.Contains(o.parameters("header"), "Idempotency-Key"), what)
		require.ElementsMatch(t, o.names, o.parameters("path"), what)
		require.Equal(t, strings.HasPrefix(row.Path, prefix), !o.root, what)
	}
	for what := range documented {
		t.Errorf("%s is in the document, and there is no such route", what)
	}
}

func (o *operation) full() string {
	if o.root {
		return o.template
	}
	return prefix + o.template
}

// parameters are the names of those in a place.
func (o *operation) parameters(in string) []string {
	var names []string
	for _, each := range o.Parameters {
		if each.Value.In == in {
			names = append(names, each.Value.Name)
		}
	}
	return names
}

// roles are those of which the operation asks for one, "anyone" where it asks for none.
func (o *operation) roles() []string {
	var roles []string
	for _, requirement := range *o.Security {
		if len(requirement) == 0 {
			roles = append(roles, "anyone")
		}
		roles = append(roles, requirement["bearer"]...)
	}
	slices.Sort(roles)
	return roles
}

func rolesOf(row server.TableRow) []string {
	if row.Public {
		return []string{"anyone"}
	}
	var roles []string
	for _, each := range everyRole {
		if row.Roles.Has(each) {
			roles = append(roles, each.String())
		}
	}
	slices.Sort(roles)
	return roles
}

// Every code of the table of statuses is in the document, with its status, and no other.
func TestDocumentHasTheCodes(t *testing.T) {
	listed := theContract().document.Components.Schemas["ErrorCode"].Value.Enum
	require.Len(t, listed, len(server.Statuses))
	for _, code := range listed {
		require.Contains(t, server.Statuses, code)
	}
	for name, response := range theContract().document.Components.Responses {
		for code := range response.Value.Content["application/json"].Examples {
			require.True(t, strings.HasPrefix(name, "Problem"+strconv.Itoa(server.Statuses[code])), "%s has %s", name, code)
		}
	}
}
