package config

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// addFile takes the settings of the configuration file.
func (c *collector) addFile(path string) {
	content, err := c.ReadFile(path)
	if err != nil {
		c.fail(FileVariable, "", "names a file that "+whyUnread(err))
		return
	}
	layer := map[string]string{}
	text := strings.TrimPrefix(string(content), "\ufeff") // editors on Windows begin with it
	for i, line := range strings.Split(text, "\n") {
		c.addLine(layer, fmt.Sprintf("file %s line %d", path, i+1), strings.TrimSpace(line))
	}
	c.addLayer(layer, "file "+path)
}

// addLine takes one line: NAME=value, a comment after #, or nothing.
func (c *collector) addLine(layer map[string]string, where, line string) {
	if line == "" || line[0] == '#' {
		return
	}
	name, text, ok := strings.Cut(line, "=")
	name = strings.TrimSpace(name)
	if !ok {
		c.fail(FileVariable, where, "must be NAME=value, or a comment that starts with #")
		return
	}
	if _, twice := layer[name]; twice {
		c.fail(name, where, "is given twice in the file; keep one")
		return
	}
	if !isSetting(name) {
		c.fail(name, where, "is not a setting; remove it or correct its name, `teg config check` lists those there are")
		return
	}
	layer[name] = unquote(strings.TrimSpace(text))
}

// unquote takes away quotes around a whole value.
func unquote(text string) string {
	if n := len(text); n >= 2 && text[0] == text[n-1] && (text[0] == '"' || text[0] == '\'') {
		return text[1 : n-1]
	}
	return text
}

// contents reads the value that NAME_FILE points at.
func (c *collector) contents(name, path string) string {
	content, err := c.ReadFile(path)
	if err != nil {
		c.fail(name, "", name+fileSuffix+" names a file that "+whyUnread(err))
		return ""
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
	if text == "" {
		c.fail(name, "", name+fileSuffix+" names a file that is empty")
	}
	return text
}

func whyUnread(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "does not exist"
	case errors.Is(err, fs.ErrPermission):
		return "this user may not read"
	}
	return "cannot be read"
}
