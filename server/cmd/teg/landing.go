package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// landed has a file made elsewhere first, so that what bears its name is whole: make is
// called with another name, in a new directory beside it that nobody else can look into
// and that is gone in the end, with whatever make left there. What is there already is not
// overwritten, nor what somebody else puts there meanwhile. It returns when the disk has
// the file.
//
// A process that is killed leaves the directory behind, whose name begins with that of the
// file and ends in .part; it can be deleted.
func landed(path string, make func(part string) error) (err error) {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return taken(path)
	}
	place, err := os.MkdirTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(place)) }()
	part := filepath.Join(place, filepath.Base(path))
	if err := make(part); err != nil {
		return err
	}
	if err := settle(part, os.O_RDWR); err != nil {
		return err
	}
	if err := name(part, path); err != nil {
		return err
	}
	return settleName(path)
}

// settleName waits until the disk has the name of a file.
func settleName(path string) error {
	if runtime.GOOS == "windows" { // keeps names by itself, and syncs no directory
		return nil
	}
	return settle(filepath.Dir(path), os.O_RDONLY)
}

// taken reports that there is something at a path, which nothing was done to.
func taken(path string) error { return takenError(path) }

type takenError string

// Error says what to do.
func (e takenError) Error() string {
	return fmt.Sprintf("there is something at %s; name a file that is not there yet, or move that away", string(e))
}

// Is makes it an [fs.ErrExist].
func (takenError) Is(target error) bool { return target == fs.ErrExist }

// name gives a file its name, by a link, which overwrites nothing, or where the file system
// has no links by renaming it.
func name(part, path string) error {
	switch err := os.Link(part, path); {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist):
		return taken(path)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return taken(path)
	}
	return os.Rename(part, path)
}

// settle waits until the disk has a file, or the names in a directory.
func settle(path string, flag int) error {
	f, err := os.OpenFile(path, flag, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
