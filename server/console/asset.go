package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
)

//go:embed static/* dist/*
var files embed.FS

// asset is a file that pages refer to.
type asset struct {
	kind    string
	text    []byte
	zipped  []byte // the same, compressed with gzip; nil for small ones
	version string
}

// assets are by name.
type assets map[string]*asset

// readAssets reads all that is embedded beside templates. What is compressed there is known
// by its own name, without .gz.
func readAssets() (assets, error) {
	all := assets{}
	for _, folder := range []string{"static", "dist"} {
		entries, err := files.ReadDir(folder)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			found, err := readAsset(folder + "/" + entry.Name())
			if err != nil {
				return nil, fmt.Errorf("console: %s: %w", entry.Name(), err)
			}
			all[strings.TrimSuffix(entry.Name(), ".gz")] = found
		}
	}
	return all, nil
}

func readAsset(name string) (*asset, error) {
	text, err := files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	a := &asset{kind: kindOf(strings.TrimSuffix(name, ".gz")), text: text}
	if strings.HasSuffix(name, ".gz") {
		a.zipped = text
		unzipped, err := gzip.NewReader(bytes.NewReader(text))
		if err != nil {
			return nil, err
		}
		if a.text, err = io.ReadAll(unzipped); err != nil {
			return nil, err
		}
	}
	sum := sha256.Sum256(a.text)
	a.version = hex.EncodeToString(sum[:6])
	return a, nil
}

func kindOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "text/plain; charset=utf-8"
}

// static serves a file. Pages name its version, so that a browser may keep it.
func (c *Console) static(w http.ResponseWriter, r *http.Request) {
	found := c.assets[r.PathValue("file")]
	if found == nil {
		http.Error(w, "There is no such file.", http.StatusNotFound)
		return
	}
	h, text := w.Header(), found.text
	h.Set("Content-Type", found.kind)
	h.Set("Vary", "Accept-Encoding")
	if r.URL.Query().Get("v") == found.version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if found.zipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		text = found.zipped
	}
	_, _ = w.Write(text) // who went away does not read
}
