package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/teg"
)

// What was imported is history to the auditor; what it had left to read before is not,
// unless that is asked for.
func TestImportIsHistoryToTheAuditor(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		s := newShell(t, "DATABASE_URL="+url)
		s.succeed("migrate", "up")
		for i, name := range []string{"one.csv", "two.csv", "three.csv"} {
			var crowd strings.Builder // many pay one at once
			for payer := range 40 {
				fmt.Fprintf(&crowd, "%d,%d,5,%d\n", 100+payer, i, 1_300_000_000+payer)
			}
			s.write(name, crowd.String())
		}
		within := func(act func(*books)) {
			c, err := config.Load(config.Sources{WithoutTokens: true, Environ: []string{
				"DATABASE_URL=" + strings.Replace(url, "sqlite://", "sqlite:///"+s.dir+"/", 1),
			}})
			require.NoError(t, err)
			b, err := openBooks(t.Context(), c, slog.New(slog.DiscardHandler))
			require.NoError(t, err)
			act(b)
			require.NoError(t, b.Close())
		}
		found := func(b *books) int64 {
			progress, err := b.Audit(t.Context())
			require.NoError(t, err)
			require.False(t, progress.Elsewhere)
			_, err = b.SkipAudit(t.Context()) // leaves the turn to the next process
			require.NoError(t, err)
			return progress.Findings
		}
		live := func(b *books) {
			_, err := b.Issue(t.Context(), teg.IssueParams{By: devAdmin, To: devAlice, Amount: teg.AVT("1"), Reason: "x"})
			require.NoError(t, err)
		}
		require.NotContains(t, s.succeed("import", "--ratings", "one.csv", "--top", "0"), "auditor")
		within(func(b *books) { require.Zero(t, found(b)) })
		within(live)
		require.Regexp(t, `auditor +had 1 events left to read`, s.succeed("import", "--ratings", "two.csv", "--top", "0"))
		within(func(b *books) { require.Positive(t, found(b)) })
		within(live)
		require.NotContains(t, s.succeed("import", "--ratings", "three.csv", "--top", "0", "--skip-audit"), "auditor")
		within(func(b *books) { require.Zero(t, found(b)) })
	})
}

// ring is a market in which everyone rates the next, one time in seven badly.
func ring(traders, ratings int) string {
	var b strings.Builder
	b.WriteString("rater,ratee,rating,time\n")
	for i := range ratings {
		points := 1 + i%10
		if i%7 == 6 {
			points = -points
		}
		fmt.Fprintf(&b, "%d,%d,%d,%d.5\n", i%traders, (i+1+i/traders)%traders, points, 1_300_000_000+i)
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
		require.Regexp(t, `signals +100 given +0 there already`, out)
		require.Regexp(t, `fees +50 AVT`, out)
		require.Regexp(t, `transfers and signals/s`, out)
		require.Regexp(t, `the books hold: .* 100 changes of scores`, out)

		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, err := w.Write([]byte(ring(20, 100) + "7,7,1,1\n7,8,0,1\n"))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		s.write("market.csv.gz", packed.String())
		out = s.succeed("import", "--ratings", "market.csv.gz", "--grant", "500", "--did-prefix", "did:market:", "--top", "0")
		require.Regexp(t, `agents +0 registered +20 there already`, out)
		require.Regexp(t, `transfers +0 made +100 there already`, out)
		require.Regexp(t, `signals +0 given +100 there already`, out)
		require.NotContains(t, out, "best")
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

// Both rankings show their ends, the last of all first, and nobody twice.
func TestImportShowsRankings(t *testing.T) {
	s := newShell(t, "DATABASE_URL=sqlite://economy.db")
	s.succeed("migrate", "up")
	s.fail(2, "--top must be from 0 to 1000", "import", "--ratings", "market.csv", "--top", "1001")
	s.write("market.csv", "a,b,10,1000000000\na,c,-10,1000000001\nb,d,1,1000000002\nd,b,1,1000000003\nb,e,-1,1000000004\nd,e,-1,1000000005\n")
	out := s.succeed("import", "--ratings", "market.csv", "--top", "3")
	_, out, _ = strings.Cut(out, "\nThe best\n")
	best, out, _ := strings.Cut(out, "\n\nThe last, from the end\n")
	last, out, found := strings.Cut(out, "\n\n")
	require.True(t, found, out)
	require.Regexp(t, `^by score +agent +score +trust +\|  by trust +agent +trust +score\n`+
		`1 +did:otc:b +2 +0\.\d{4} +\|  1 .*\n2 +did:otc:d +1 +0\.\d{4} +\|  .*\n3 +did:otc:a +0 .*$`, best)
	require.Regexp(t, `\n5 +did:otc:e +-2 +0\.\d{4} +\|  .*\n4 +did:otc:c +-1 .*$`, last)
	var byTrust []string
	for _, row := range regexp.MustCompile(`\|  \d +(did:otc:\w) +0\.\d{4} +-?\d`).FindAllStringSubmatch(best+last, -1) {
		byTrust = append(byTrust, row[1])
	}
	require.ElementsMatch(t, []string{"did:otc:a", "did:otc:b", "did:otc:c", "did:otc:d", "did:otc:e"}, byTrust)
	require.Regexp(t, `agents with both scores +5\n`, out)
	require.Regexp(t, `rank correlation \(Spearman\) +-?[01]\.\d{3}\n`, out)
	require.Regexp(t, `among the best by both +\d of 3\namong the last by both +\d of 2\n`, out)
	require.Contains(t, out, "Higher by score than by trust\n")
	require.Contains(t, out, "Higher by trust than by score\n")
}

// Killed in the middle, again and again, and then run to the end: the market is
// in the books once.
func TestImportAfterKills(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		s := newShell(t, "DATABASE_URL="+url)
		s.succeed("migrate", "up")
		s.write("market.csv", ring(250, 1500))
		for i := range 4 {
			b := s.start("import", "--ratings", "market.csv")
			<-time.After(time.Duration(40+60*i) * time.Millisecond) // the moment is the point of the test
			_ = b.Process.Signal(syscall.SIGKILL)                   // it may have been quick
			b.exit()
		}
		out := s.succeed("import", "--ratings", "market.csv")
		require.Contains(t, out, "the books hold")
		require.Contains(t, out, "supply 2500000 AVT", "250 grants of 10000, once each")
		require.Contains(t, out, " 1500 changes of scores")
		require.Contains(t, out, " 2000 transactions", "as many issuances and grants as traders, and the ratings")
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
	}, 2*time.Minute, time.Millisecond)
	require.Equal(t, 1, b.end(syscall.SIGINT))
	require.Contains(t, b.stderr.String(), "run it again to go on")
	require.Contains(t, s.succeed("verify"), "the books hold")
}
