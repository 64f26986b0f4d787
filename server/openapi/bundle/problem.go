package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// problems makes the answers of errors, each kind of them once.
type problems struct {
	codes, statuses *object
	responses       *object
}

// kind says which headers an answer can have.
type kind struct {
	limited  bool // by rates
	replayed bool // under a key
}

// refer returns references to the answers for codes, by status.
func (p *problems) refer(codes []string, k kind) (map[int]*object, error) {
	byStatus := map[int][]string{}
	for _, code := range p.codes.keys { // in the order of the table, so that each list is one
		if slices.Contains(codes, code) {
			status, _ := p.codes.object(code).values["status"].(int)
			byStatus[status] = append(byStatus[status], code)
		}
	}
	refs := map[int]*object{}
	for status, list := range byStatus {
		name, err := p.add(status, list, k)
		if err != nil {
			return nil, err
		}
		refs[status] = newObject("$ref", "#/components/responses/"+name)
	}
	for _, code := range codes {
		if !p.codes.has(code) {
			return nil, fmt.Errorf("%s is no code", code)
		}
	}
	return refs, nil
}

// definite reports whether an answer with a status is remembered under a key.
func definite(status int) bool { return slices.Contains([]int{400, 404, 409, 410}, status) }

func (p *problems) add(status int, codes []string, k kind) (string, error) {
	k.replayed = k.replayed && definite(status)
	k.limited = k.limited || status == 401 || status == 429 // attempts with tokens are limited everywhere
	name := "Problem" + strconv.Itoa(status)
	for _, code := range codes {
		_, rest, _ := strings.Cut(code, "_")
		name += "-" + rest
	}
	if k.replayed {
		name += "-replayable"
	}
	if !k.limited {
		name += "-unlimited"
	}
	if p.responses.has(name) {
		return name, nil
	}
	description := p.statuses.text(strconv.Itoa(status))
	if description == "" {
		return "", fmt.Errorf("the status %d has no description", status)
	}
	p.responses.set(name, newObject(
		"description", description, "headers", headersOf(status, k),
		"content", newObject("application/json", newObject("schema", problemSchema(codes), "examples", p.examples(codes))),
	))
	return name, nil
}

func problemSchema(codes []string) *object {
	list := make([]any, len(codes))
	for i, code := range codes {
		list[i] = code
	}
	narrow := newObject("type", "object", "properties", newObject("error_code", newObject("enum", list)))
	return newObject("allOf", []any{newObject("$ref", schemaRef+"Problem"), narrow})
}

func (p *problems) examples(codes []string) *object {
	examples := newObject()
	for _, code := range codes {
		value := newObject("error_code", code, "message", p.codes.object(code).text("message"))
		if code == "VALIDATION_INVALID_INPUT" {
			value.set("validation_errors", []any{newObject("field", "limit", "message", "must be a whole number from 1 to 1000", "value", "0")})
		}
		examples.set(code, newObject("summary", code, "value", value))
	}
	return examples
}

// headersOf are the headers of an answer.
func headersOf(status int, k kind) *object {
	names := []string{"X-Request-ID"}
	switch status {
	case 401:
		names = append(names, "WWW-Authenticate")
	case 429, 503:
		names = append(names, "Retry-After")
	}
	if k.replayed {
		names = append(names, "Idempotency-Replayed")
	}
	if k.limited {
		names = append(names, "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
	}
	return headerRefs(names...)
}

func headerRefs(names ...string) *object {
	headers := newObject()
	for _, name := range names {
		headers.set(name, newObject("$ref", "#/components/headers/"+name))
	}
	return headers
}
