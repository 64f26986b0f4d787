package main

import (
	"context"
	"os"
	"path/filepath"
)

func Example() {
	dir, err := os.MkdirTemp("", "teg")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := run(context.Background(), filepath.Join(dir, "teg.db"), os.Stdout); err != nil {
		panic(err)
	}
	// Output: zkp_verified_true for 5 AVT
}
