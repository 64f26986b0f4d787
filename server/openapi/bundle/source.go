package main

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// source is what people wrote.
type source struct {
	head     *object
	tags     []string // files but head.yaml and examples.yaml, in the order of the tags
	paths    map[string]*object
	schemas  *object // of all files, in order, those of requests too
	requests map[string]bool
	examples *object
}

func load(files fs.FS) (*source, error) {
	s := &source{paths: map[string]*object{}, schemas: newObject(), requests: map[string]bool{}}
	var err error
	if s.head, err = readFile(files, "head.yaml"); err != nil {
		return nil, err
	}
	if s.examples, err = readFile(files, "examples.yaml"); err != nil {
		return nil, err
	}
	if err := s.addSchemas("head.yaml", s.head.object("schemas")); err != nil {
		return nil, err
	}
	list, _ := s.head.values["tags"].([]any)
	for _, each := range list {
		tag, _ := each.(*object)
		if tag == nil {
			return nil, fmt.Errorf("head.yaml: a tag must be an object")
		}
		if err := s.addTag(files, tag.text("name")); err != nil {
			return nil, err
		}
	}
	return s, s.complete(files)
}

func (s *source) addTag(files fs.FS, tag string) error {
	name := strings.ToLower(strings.ReplaceAll(tag, " ", "")) + ".yaml"
	file, err := readFile(files, name)
	if err != nil {
		return err
	}
	for _, key := range file.keys {
		if !slices.Contains([]string{"paths", "schemas", "requests"}, key) {
			return fmt.Errorf("%s: %s is no part of such a file", name, key)
		}
	}
	s.tags = append(s.tags, tag)
	s.paths[tag] = file.object("paths")
	if err := s.addSchemas(name, file.object("schemas")); err != nil {
		return err
	}
	for _, request := range file.object("requests").keys {
		s.requests[request] = true
	}
	return s.addSchemas(name, file.object("requests"))
}

func (s *source) addSchemas(file string, schemas *object) error {
	return schemas.each(func(name string, schema *object) error {
		if s.schemas.has(name) {
			return fmt.Errorf("%s: the schema stands twice", file)
		}
		s.schemas.set(name, schema)
		return nil
	})
}

// complete refuses files that no tag names.
func (s *source) complete(files fs.FS) error {
	found, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return err
	}
	if len(found) != len(s.tags)+2 {
		return fmt.Errorf("there are %d files; head.yaml, examples.yaml and one for each of the %d tags are wanted", len(found), len(s.tags))
	}
	return nil
}

func readFile(files fs.FS, name string) (*object, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	o, err := read(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path.Base(name), err)
	}
	return o, nil
}
