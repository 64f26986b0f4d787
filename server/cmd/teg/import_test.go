package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ring is a market in which everyone rates the next.
func ring(traders, ratings int) string {
	var b strings.Builder
	b.WriteString("rater,ratee,rating,time\n")
	for i := range ratings {
		fmt.Fprintf(&b, "%d,%d,%d,%d.5\n", i%traders, (i+1+i/traders)%traders, 1+i%10, 1_300_000_000+i)
	}
	return b.String()
}

func TestImport(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		s := newShell(t, "DATABASE_URL="+url, "TRANSFER_FEE=0.5")
		s.write("market.csv", ring(20, 100))
		s.fail(1, "teg migrate up", "import", "--ratings", "market.csv")
		s.succeed("migrate", "up")
		out := s.succeed("import", "--ratings", "market.csv", "--grant", "500", "--did-prefix", "did:market:")
		require.Regexp(t, `agents +20 registered +0 there already`, out)
		require.Regexp(t, `grants +10000 AVT`, out)
		require.Regexp(t, `transfers +100 made +0 there already`, out)
		require.Regexp(t, `fees +50 AVT`, out)
		require.Regexp(t, `transfers/s`, out)
		require.Contains(t, out, "the books hold")

		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, err := w.Write([]byte(ring(20, 100) + "7,7,1,1\n7,8,0,1\n"))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		s.write("market.csv.gz", packed.String())
		out = s.succeed("import", "--ratings", "market.csv.gz", "--grant", "500", "--did-prefix", "did:market:")
		require.Regexp(t, `agents +0 registered +20 there already`, out)
		require.Regexp(t, `transfers +0 made +100 there already`, out)
		require.Regexp(t, `left out +1 ratings of zero +1 of oneself`, out)
		require.Contains(t, s.succeed("verify"), "supply 10000 AVT")
	})
}

func TestImportSaysWhatIsWrong(t *testing.T) {
	s := newShell(t, "DATABASE_URL=sqlite://economy.db")
	s.succeed("migrate", "up")
	s.write("bad.csv", "1,2,3,4\n1,2,three,5\n")
	s.fail(1, "bad.csv: line 2: rating", "import", "--ratings", "bad.csv")
	s.fail(1, "no such file", "import", "--ratings", "none.csv")
	require.Contains(t, s.succeed("verify"), "0 transactions", "nothing was begun")
	s.write("dear.csv", "1,2,3,4\n1,2,9,5\n")
	s.fail(1, "line 2: available", "import", "--ratings", "dear.csv", "--grant", "10")
	s.write("small.csv", "1,2,0.001,6\n")
	s.fail(1, "line 1: the smallest amount", "import", "--ratings", "small.csv")
}

// Killed in the middle, again and again, and then run to the end: the market is
// in the books once.
func TestImportAfterKills(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		s := newShell(t, "DATABASE_URL="+url)
		s.succeed("migrate", "up")
		s.write("market.csv", ring(500, 3000))
		for i := range 4 {
			b := s.start("import", "--ratings", "market.csv")
			<-time.After(time.Duration(40+80*i) * time.Millisecond) // the moment is the point of the test
			_ = b.Process.Signal(syscall.SIGKILL)                   // it may have been quick
			b.exit()
		}
		out := s.succeed("import", "--ratings", "market.csv")
		require.Contains(t, out, "the books hold")
		require.Contains(t, out, "supply 5000000 AVT", "500 grants of 10000, once each")
		require.Contains(t, out, " 4000 transactions", "as many issuances and grants as traders, and the ratings")
	})
}

// An interrupted import says so and goes on next time.
func TestImportInterrupted(t *testing.T) {
	s := newShell(t, "DATABASE_URL=sqlite://economy.db")
	s.succeed("migrate", "up")
	s.write("market.csv", ring(2000, 20000))
	b := s.start("import", "--ratings", "market.csv")
	require.Eventually(t, func() bool { // something is written, and far from all of it
		log, err := os.Stat(filepath.Join(s.dir, "economy.db-wal"))
		return err == nil && log.Size() > 1<<20
	}, 20*time.Second, time.Millisecond)
	require.Equal(t, 1, b.end(syscall.SIGINT))
	require.Contains(t, b.stderr.String(), "run it again to go on")
	require.Contains(t, s.succeed("verify"), "the books hold")
}
