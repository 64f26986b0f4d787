package client_test

import (
	"testing"

	"github.com/agentvault/teg-layer/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }
