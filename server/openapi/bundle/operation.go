package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// operation is one on its way from its short form.
type operation struct {
	source       *source
	problems     *problems
	path, method string
	tag          string
	root         bool
	written      *object
	examples     *object
}

var operationKeys = []string{"id", "summary", "description", "access", "keyed", "replays", "reads", "body", "page", "all", "query", "answers", "file", "raw", "stream", "secret", "errors"}

// roles are who may call a route, by its access.
var roles = map[string][]string{"agent": {"agent"}, "auditor": {"auditor", "admin"}, "arbitrator": {"arbitrator", "admin"}, "admin": {"admin"}}

func (o *operation) expand() (*object, error) {
	for _, key := range o.written.keys {
		if !slices.Contains(operationKeys, key) {
			return nil, fmt.Errorf("%q is no part of an operation", key)
		}
	}
	if _, known := roles[o.access()]; !known && !o.public() {
		return nil, fmt.Errorf("access %q", o.access())
	}
	expanded := newObject("tags", []any{o.tag}, "operationId", o.written.text("id"), "summary", o.written.text("summary"), "description", o.description(), "security", o.security())
	parameters, err := o.parameters()
	if err != nil {
		return nil, err
	}
	expanded.set("parameters", parameters)
	if o.written.has("body") {
		body, err := o.body()
		if err != nil {
			return nil, err
		}
		expanded.set("requestBody", body)
	}
	responses, err := o.responses()
	expanded.set("responses", responses)
	return expanded, err
}

func (o *operation) access() string { return o.written.text("access") }
func (o *operation) public() bool   { return o.access() == "public" }
func (o *operation) kind() kind {
	return kind{limited: !o.root, replayed: o.written.is("keyed") || o.written.is("replays")}
}

// writes reports whether the operation changes anything.
func (o *operation) writes() bool { return o.method != "get" && !o.written.is("reads") }

func (o *operation) description() string {
	text := sentence(o.written.text("summary"))
	if more := o.written.text("description"); more != "" {
		text += " " + sentence(more)
	}
	switch o.access() {
	case "auditor", "arbitrator":
		text += " For the roles `" + o.access() + "` and `admin`."
	case "admin":
		text += " For the role `admin`."
	}
	return text
}

func (o *operation) security() []any {
	if o.public() {
		return []any{newObject(), newObject("bearer", []any{})}
	}
	list := []any{}
	for _, role := range roles[o.access()] {
		list = append(list, newObject("bearer", []any{role}))
	}
	return list
}

var variable = regexp.MustCompile(`\{([a-z_]+)\}`)

func (o *operation) parameters() ([]any, error) {
	list := []any{}
	add := func(name string) { list = append(list, newObject("$ref", "#/components/parameters/"+name)) }
	for _, found := range variable.FindAllStringSubmatch(o.path, -1) {
		add(found[1])
	}
	err := o.written.object("query").each(func(name string, written *object) error {
		parameter, err := o.source.parameter(written)
		if err != nil {
			return err
		}
		full := newObject("name", name, "in", "query")
		for _, key := range parameter.keys {
			full.set(key, parameter.values[key])
		}
		list = append(list, full)
		return nil
	})
	if o.written.is("page") {
		for _, name := range []string{"limit", "offset", "cursor", "include_total"} {
			add(name)
		}
	}
	if o.written.is("keyed") {
		add("Idempotency-Key")
	}
	if o.written.text("stream") == "text/event-stream" {
		add("Last-Event-ID")
	}
	add("X-Request-ID")
	return list, err
}

// parameter completes a parameter as it is written.
func (s *source) parameter(written *object) (*object, error) {
	full := newObject()
	for _, key := range written.keys {
		if !slices.Contains([]string{"name", "in", "required", "description", "schema", "example"}, key) {
			return nil, fmt.Errorf("%q is no part of a parameter", key)
		}
		full.set(key, written.values[key])
	}
	schema, err := s.expandSchema(written.object("schema"))
	full.set("schema", schema)
	if !written.has("description") || !written.has("example") {
		return nil, fmt.Errorf("a parameter has a description and an example")
	}
	return full, err
}

func (o *operation) body() (*object, error) {
	name := o.written.text("body")
	if !o.source.schemas.has(name) {
		return nil, fmt.Errorf("there is no schema %s", name)
	}
	media := newObject("schema", newObject("$ref", schemaRef+name))
	if example, given := o.examples.values["request"]; given {
		media.set("example", example)
	}
	description := o.source.schemas.object(name).text("description")
	return newObject("description", description, "required", true, "content", newObject("application/json", media)), nil
}

// codes are all that the operation can answer.
func (o *operation) codes() []string {
	codes := append([]string{"AUTH_MISSING_TOKEN", "AUTH_INVALID_TOKEN", "AUTH_TOKEN_REVOKED", "VALIDATION_INVALID_INPUT", "RATE_LIMITED", "SYS_INTERNAL_ERROR", "SYS_UNAVAILABLE"}, o.written.texts("errors")...)
	add := func(when bool, more ...string) {
		if when {
			codes = append(codes, more...)
		}
	}
	add(!o.public(), "BIZ_ENTITY_NOT_FOUND")
	add(!o.public() && o.access() != "agent", "AUTH_FORBIDDEN", "AUTH_AGENT_SUSPENDED") // roles rest while one is suspended
	add(!o.public() && o.writes(), "AUTH_POLICY_DENIED", "AUTH_AGENT_SUSPENDED")
	add(o.writes(), "SYS_OUTCOME_UNKNOWN")
	add(o.written.is("keyed"), "IDEMPOTENCY_KEY_REUSED")
	add(o.written.has("body"), "VALIDATION_MALFORMED_JSON", "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE")
	return codes
}

// responses are all answers, by status.
func (o *operation) responses() (*object, error) {
	refs, err := o.problems.refer(o.codes(), o.kind())
	if err != nil {
		return nil, err
	}
	answers, err := o.answers()
	if err != nil {
		return nil, err
	}
	all := newObject()
	for status := 100; status < 600; status++ {
		if found := answers[status]; found != nil {
			all.set(strconv.Itoa(status), found)
		} else if found := refs[status]; found != nil {
			all.set(strconv.Itoa(status), found)
		}
	}
	return all, nil
}

func (o *operation) answers() (map[int]*object, error) {
	answers := map[int]*object{}
	if media := o.written.text("file"); media != "" {
		answers[200], answers[304] = file(media)
	}
	if media := o.written.text("raw"); media != "" {
		answers[200] = o.raw(media)
	}
	switch media := o.written.text("stream"); media {
	case "":
	case "websocket":
		answers[101] = newObject("description", "Messages of text, each an `Event`.", "headers", headersOf(200, o.kind()))
	default:
		answers[200] = o.stream(media)
	}
	for _, key := range o.written.object("answers").keys {
		status, err := strconv.Atoi(key)
		if err != nil {
			return nil, fmt.Errorf("%s is no status", key)
		}
		if answers[status], err = o.answer(status, o.written.object("answers").text(key)); err != nil {
			return nil, err
		}
	}
	return answers, nil
}

func (o *operation) answer(status int, name string) (*object, error) {
	headers := headersOf(status, o.kind())
	if name == "none" {
		return newObject("description", "It is done; there is nothing to say.", "headers", headers), nil
	}
	if !o.source.schemas.has(name) {
		return nil, fmt.Errorf("there is no schema %s", name)
	}
	media := newObject("schema", newObject("$ref", schemaRef+name))
	if example, given := o.examples.values[strconv.Itoa(status)]; given {
		media.set("example", example)
	}
	return newObject("description", o.source.schemas.object(name).text("description"), "headers", headers, "content", newObject("application/json", media)), nil
}

// raw is an answer that is no JSON.
func (o *operation) raw(media string) *object {
	content := newObject(media, newObject("schema", newObject("type", "string", "description", "The content as it is.")))
	return newObject("description", sentence(o.written.text("summary")), "headers", headersOf(200, o.kind()), "content", content)
}

// stream is an answer that goes on, of events.
func (o *operation) stream(media string) *object {
	schema := newObject("type", "string", "description", "Events; the data of each is an `Event`.", "contentMediaType", "application/json",
		"contentSchema", newObject("$ref", schemaRef+"Event"))
	return newObject("description", sentence(o.written.text("summary")), "headers", headersOf(200, o.kind()), "content", newObject(media, newObject("schema", schema)))
}

// file are the answers of a route that serves one: itself, and that it is known.
func file(media string) (whole, unchanged *object) {
	headers := headerRefs("X-Request-ID", "ETag", "Cache-Control")
	content := newObject(media, newObject("schema", newObject("type", "string", "description", "The text of the file.")))
	if media == "application/json" {
		content = newObject(media, newObject("schema", newObject("type", "object", "description", "The document.", "additionalProperties", true)))
	}
	return newObject("description", "The file.", "headers", headers, "content", content),
		newObject("description", "The client has it already.", "headers", headers)
}
