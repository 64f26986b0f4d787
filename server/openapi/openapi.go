// Package openapi holds the OpenAPI 3.1 document of the server: what each route takes and
// answers, with which types, headers, codes and examples.
//
// It is made of the files in source by the command in bundle. The types of package
// server/api are made of it too, and the server's tests hold each request and each
// answer against it, so that it says what the server does.
package openapi

import (
	"bytes"
	_ "embed"
	"encoding/json"
)

//go:embed openapi.yaml
var asYAML []byte

//go:embed openapi.json
var asJSON []byte

// DefaultPrefix is where the API begins in the document as it is checked in.
const DefaultPrefix = "/api/v1"

// YAML is the document for a server whose API begins at the prefix, such as "/api/v1".
func YAML(prefix string) []byte {
	return placed(asYAML, "servers:\n  - url: ", DefaultPrefix, string(quoted(prefix)))
}

// JSON is the same document as JSON, on one line.
func JSON(prefix string) []byte {
	return placed(asJSON, `"servers":[{"url":`, string(quoted(DefaultPrefix)), string(quoted(prefix)))
}

// placed writes another prefix after the only place where the document names it.
func placed(document []byte, before, from, to string) []byte {
	return bytes.Replace(document, []byte(before+from), []byte(before+to), 1)
}

// quoted is a text as JSON writes it, which YAML reads too.
func quoted(text string) []byte {
	raw, _ := json.Marshal(text) // a string has no error
	return raw
}
