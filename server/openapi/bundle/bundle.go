package main

import (
	"fmt"
	"io/fs"
	"slices"
)

// Bundle makes the document, as YAML and as JSON, by the names of their files.
func Bundle(files fs.FS) (map[string][]byte, error) {
	s, err := load(files)
	if err != nil {
		return nil, err
	}
	document, err := s.document()
	if err != nil {
		return nil, err
	}
	asYAML, err := writeYAML(document)
	if err != nil {
		return nil, err
	}
	asJSON, err := writeJSON(document)
	if err != nil {
		return nil, err
	}
	notice := []byte("# Made of the files in source by go run ./bundle (make generate). DO NOT EDIT.\n")
	return map[string][]byte{"openapi.yaml": append(notice, asYAML...), "openapi.json": append(asJSON, '\n')}, nil
}

func (s *source) document() (*object, error) {
	document := newObject()
	for _, key := range []string{"openapi", "info", "jsonSchemaDialect", "servers", "tags"} {
		document.set(key, s.head.values[key])
	}
	p := &problems{codes: s.head.object("codes"), statuses: s.head.object("statuses"), responses: newObject()}
	paths, err := s.expandPaths(p)
	if err != nil {
		return nil, err
	}
	components, err := s.components()
	if err != nil {
		return nil, err
	}
	slices.Sort(p.responses.keys)
	components.set("responses", p.responses)
	document.set("paths", paths)
	document.set("components", components)
	prune(document)
	return document, nil
}

// prune leaves out schemas that nothing refers to: those that are only included in others.
func prune(document *object) {
	schemas := document.object("components").object("schemas")
	for dropped := true; dropped; {
		used := map[string]bool{}
		refsOf(document, used)
		dropped = false
		for _, name := range slices.Clone(schemas.keys) {
			if !used[schemaRef+name] {
				schemas.remove(name)
				dropped = true
			}
		}
	}
}

func refsOf(value any, used map[string]bool) {
	switch value := value.(type) {
	case *object:
		if ref, ok := value.values["$ref"].(string); ok {
			used[ref] = true
		}
		for _, each := range value.values {
			refsOf(each, used)
		}
	case []any:
		for _, each := range value {
			refsOf(each, used)
		}
	}
}

func (s *source) components() (*object, error) {
	written := s.head.object("components")
	schemas, err := s.expandSchemas()
	if err != nil {
		return nil, fmt.Errorf("schemas: %w", err)
	}
	parameters := newObject()
	err = written.object("parameters").each(func(name string, each *object) error {
		full, err := s.parameter(each)
		parameters.set(name, full)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("parameters: %w", err)
	}
	return newObject("securitySchemes", written.object("securitySchemes"), "parameters", parameters, "headers", written.object("headers"), "schemas", schemas), nil
}

func (s *source) expandPaths(p *problems) (*object, error) {
	all := newObject()
	for _, tag := range s.tags {
		err := s.paths[tag].each(func(path string, item *object) error {
			if all.has(path) {
				return fmt.Errorf("it stands twice")
			}
			expanded, err := s.expandPath(p, tag, path, item)
			all.set(path, expanded)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", tag, err)
		}
	}
	return all, nil
}

func (s *source) expandPath(p *problems, tag, path string, item *object) (*object, error) {
	expanded, root := newObject(), item.is("root")
	if root {
		expanded.set("servers", []any{newObject("url", "/", "description", "This server, without the prefix.")})
	}
	for _, method := range item.keys {
		if method == "root" {
			continue
		}
		written := item.object(method)
		o := &operation{
			source: s, problems: p, path: path, method: method, tag: tag, root: root, written: written, examples: s.examples.object(written.text("id")),
		}
		full, err := o.expand()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", method, err)
		}
		expanded.set(method, full)
	}
	return expanded, nil
}
