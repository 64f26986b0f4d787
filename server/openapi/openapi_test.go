package openapi_test

import (
	"encoding/json"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/agentvault/teg-layer/server/openapi"
)

// Both forms say the same, and are documents of OpenAPI 3.1.
func TestDocumentIsValid(t *testing.T) {
	var fromYAML, fromJSON any
	require.NoError(t, yaml.Unmarshal(openapi.YAML("/api/v1"), &fromYAML))
	require.NoError(t, json.Unmarshal(openapi.JSON("/api/v1"), &fromJSON))
	same, err := json.Marshal(fromYAML)
	require.NoError(t, err)
	again, err := json.Marshal(fromJSON)
	require.NoError(t, err)
	require.JSONEq(t, string(again), string(same))

	document, err := openapi3.NewLoader().LoadFromData(openapi.JSON("/api/v1"))
	require.NoError(t, err)
	require.True(t, document.IsOpenAPI31OrLater())
	require.NoError(t, document.Validate(t.Context(), openapi3.DisableExamplesValidation()))
}

// The prefix is the server's own, whatever characters are in it.
func TestPrefix(t *testing.T) {
	for _, prefix := range []string{"/api/v1", "/teg", `/"odd" #`} {
		var document struct {
			Servers []struct{ URL string }
			Paths   map[string]struct{ Servers []struct{ URL string } }
		}
		require.NoError(t, json.Unmarshal(openapi.JSON(prefix), &document))
		require.Equal(t, prefix, document.Servers[0].URL)
		require.Equal(t, "/", document.Paths["/health"].Servers[0].URL)
		quoted, err := json.Marshal(prefix)
		require.NoError(t, err)
		require.Contains(t, string(openapi.YAML(prefix)), "\nservers:\n  - url: "+string(quoted)+"\n")
	}
}
