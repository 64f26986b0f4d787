package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// landed has a file made under another name first, so that what bears its name is whole:
// make is called with that name, and may leave nothing else behind. What is there already
// is not overwritten. It returns when the disk has the file.
func landed(path string, make func(part string) error) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is something at %s; name a file that is not there yet, or move that away", path)
	}
	part := path + ".part"
	if _, err := os.Lstat(part); err == nil { // of a process that was killed
		if err := os.Remove(part); err != nil {
			return err
		}
	}
	err := make(part)
	if err == nil {
		err = errors.Join(settle(part), os.Rename(part, path), settle(filepath.Dir(path)))
	}
	if err == nil {
		return nil
	}
	if gone := os.Remove(part); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

// settle waits until the disk has a file, or the names in a directory.
func settle(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
