package server_test

import (
	"fmt"
	"os"
	"testing"
)

type soft struct{ testing.TB }

func (s soft) Helper() {}
func (s soft) Errorf(format string, args ...any) {
	f, _ := os.OpenFile("/tmp/mismatch.txt", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	fmt.Fprintf(f, "=== %s\n"+format+"\n", append([]any{s.Name()}, args...)...)
	f.Close()
}
func (s soft) FailNow() { panic("soft") }

func softly(f func()) {
	defer func() {
		if r := recover(); r != nil && r != "soft" {
			panic(r)
		}
	}()
	f()
}
