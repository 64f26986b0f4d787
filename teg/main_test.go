package teg_test

import (
	"flag"
	"testing"

	"github.com/agentvault/teg-layer/store/storetest"
)

// TestMain has models walk 25 ways unless the command line names another number, as
// make model-long does.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "25"); err != nil {
		panic(err)
	}
	storetest.Main(m)
}
