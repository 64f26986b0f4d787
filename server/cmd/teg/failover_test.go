package main

import (
	"database/sql"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/store/storetest"
)

// failovers is how often the primary is lost: once in the ordinary suite, and
// TEG_TEST_FAILOVERS times in the long one.
func failovers(t *testing.T) int {
	given := os.Getenv("TEG_TEST_FAILOVERS")
	if given == "" {
		return 1
	}
	n, err := strconv.Atoi(given)
	require.NoError(t, err)
	return n
}

// PostgreSQL's primary is lost at random under load, with every process of it, and the
// standby takes its place. Two servers find it by themselves. In the end, nothing that
// was acknowledged is lost, nothing was done twice, and the log holds every checkpoint
// that was given out.
func TestFailover(t *testing.T) {
	t.Parallel()
	cluster := storetest.StartReplicated(t)
	f := newFailover(t, cluster)
	f.begin()
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range failovers(t) {
		moment := 50*time.Millisecond + time.Duration(random.Int64N(int64(500*time.Millisecond)))
		t.Logf("failover %d, seed %d: after %s", i+1, seed, moment)
		<-time.After(moment) // it is the point of the test
		f.keepCheckpoint(i)
		cluster.KillPrimary()
		cluster.Promote()
		if i == 0 {
			cluster.Rejoin() // until then nothing is acknowledged
		} else {
			f.rejoinOrDoWithout(i)
		}
		f.awaitProgress()
	}
	f.end()
}

// failover is a load on two servers of one replicated PostgreSQL.
type failover struct {
	*shell
	cluster *storetest.Replicated
	servers []*background
	apis    []*atomic.Pointer[string]
	senders []*sender
	actions map[string][]*sender // by what the log calls what they do
	before  map[string]int       // entries of the log before the load
	stop    atomic.Bool
	running sync.WaitGroup
	kept    []string // files of checkpoints
}

func newFailover(t *testing.T, cluster *storetest.Replicated) *failover {
	s := newShell(t, "DATABASE_URL="+cluster.URL(), "JWT_SECRET_KEY="+secret, "RATE_LIMIT_ENABLED=false", "LISTEN_ADDR=127.0.0.1:0", "LOG_LEVEL=info",
		"LOG_SIGNING_KEY="+config.DevelopmentLogKey, "LOG_CHECKPOINT_INTERVAL=1s", "MIN_STAKE_AMOUNT=0.01")
	s.succeed("migrate", "up")
	s.write("ring.csv", "1,2,1,1\n2,3,1,2\n3,4,1,3\n4,1,1,4\n")
	s.succeed("import", "--ratings", "ring.csv")
	f := &failover{shell: s, cluster: cluster, actions: map[string][]*sender{}}
	for range 2 {
		b := s.start("serve")
		address := servingURL.FindStringSubmatch(b.expect(b.stderr, "msg=serving url="))[1] + "/api/v1"
		api := new(atomic.Pointer[string])
		api.Store(&address)
		f.servers, f.apis = append(f.servers, b), append(f.apis, api)
	}
	for from := 1; from <= 4; from++ {
		token := f.mint(fmt.Sprintf("did:otc:%d", from))
		next := fmt.Sprintf(`{"receiver_agent_id":"did:otc:%d","amount":"0.01"}`, 1+from%4)
		f.send("transfer", &sender{from: from, path: "/token/transfer", id: "transaction_id", body: next, token: token})
		f.send("transfer", &sender{from: from, path: "/token/transfer", id: "transaction_id", body: next, token: token})
		f.send("hold", &sender{from: from, path: "/token/holds", id: "hold_id", body: next, token: token, most: 50})
		f.send("stake", &sender{from: from, path: "/agent/stake", id: "stake_id", body: `{"amount":"0.01"}`, token: token, most: 900})
	}
	admin := f.mint("did:otc:1", "--role", "admin")
	f.send("issue", &sender{path: "/admin/tokens/issue", id: "transaction_id", body: `{"recipient_agent_id":"did:otc:2","amount":"1","reason":"a test"}`, token: admin})
	f.send("reward_cycle", &sender{path: "/admin/staking/trigger-reward-cycle", id: "cycle_id", body: `{"reward_percentage":"0.01"}`, token: admin})
	return f
}

func (f *failover) mint(agent string, roles ...string) string {
	f.t.Helper()
	return strings.TrimSpace(f.succeed(append([]string{"token", "mint", "--sub", agent}, roles...)...))
}

// send adds a sender, to one server or the other.
func (f *failover) send(action string, p *sender) {
	p.name = fmt.Sprintf("%s-%d", action, len(f.senders))
	p.api, p.stop = f.apis[len(f.senders)%len(f.apis)], &f.stop
	f.senders = append(f.senders, p)
	f.actions[action] = append(f.actions[action], p)
}

func (f *failover) begin() {
	f.before = f.logged()
	for _, p := range f.senders {
		f.running.Go(p.run)
	}
	f.awaitProgress()
}

// awaitProgress waits until more was acknowledged by each server.
func (f *failover) awaitProgress() {
	f.t.Helper()
	for i := range f.apis {
		began := f.acknowledged(i)
		require.Eventually(f.t, func() bool { return f.acknowledged(i) > began+10 }, insistence, 5*time.Millisecond, "server %d does not find the new primary: %s", i, f.servers[i].stderr)
	}
}

func (f *failover) acknowledged(server int) (n int64) {
	for _, p := range f.senders {
		if p.api == f.apis[server] {
			n += p.done.Load()
		}
	}
	return n
}

// keepCheckpoint keeps what the log is promised to hold for ever.
func (f *failover) keepCheckpoint(i int) {
	f.t.Helper()
	name := fmt.Sprintf("checkpoint-%d", i)
	require.Eventually(f.t, func() bool { // between two failovers, which may be under way
		response, err := http.Get(*f.apis[i%len(f.apis)].Load() + "/log/checkpoint")
		if err != nil {
			return false
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK {
			return false
		}
		f.write(name, string(text))
		return true
	}, insistence, 5*time.Millisecond)
	f.kept = append(f.kept, name)
}

// rejoinOrDoWithout has every second failover leave a primary alone for a while, so that
// what it acknowledges then waits for nobody.
func (f *failover) rejoinOrDoWithout(i int) {
	if i%2 == 0 {
		f.cluster.Rejoin()
		return
	}
	f.cluster.Alone()
	if i+1 < failovers(f.t) {
		f.awaitProgress()
		f.cluster.Rejoin()
	}
}

// end has all senders learn what became of what they sent, and compares.
func (f *failover) end() {
	t := f.t
	t.Helper()
	f.stop.Store(true)
	f.running.Wait()
	acts, unsure, replayed := 0, 0, 0
	for _, p := range f.senders {
		require.NoError(t, p.fault)
		acts, unsure, replayed = acts+len(p.receipts), unsure+p.unsure, replayed+p.replayed
	}
	t.Logf("%d acts; %d answers were lost, %d of them to acts that had been done", acts, unsure, replayed)
	logged := f.logged()
	for action, senders := range f.actions {
		want := f.before[action]
		for _, p := range senders {
			want += len(p.receipts)
		}
		require.Equal(t, want, logged[action], "%s: what was acknowledged, and no more", action)
	}
	f.requirePosted()
	for _, b := range f.servers {
		require.Zero(t, b.end(syscall.SIGTERM))
	}
	require.Contains(t, f.succeed("verify"), "the books hold")
	for _, name := range f.kept {
		require.Contains(t, f.succeed("log", "check", name), "the log holds the checkpoint")
	}
}

// logged counts what the log says was done, also what waits to be numbered.
func (f *failover) logged() map[string]int {
	counts := map[string]int{}
	rows := f.query(`SELECT action, count(*) FROM (SELECT action FROM events UNION ALL SELECT action FROM event_inbox) AS all_of_them GROUP BY action`)
	defer rows.Close()
	for rows.Next() {
		var action string
		var n int
		require.NoError(f.t, rows.Scan(&action, &n))
		counts[action] = n
	}
	require.NoError(f.t, rows.Err())
	return counts
}

// requirePosted demands that each transaction that was acknowledged is there.
func (f *failover) requirePosted() {
	f.t.Helper()
	acknowledged := map[string]bool{}
	for _, p := range slices.Concat(f.actions["transfer"], f.actions["issue"]) {
		maps.Copy(acknowledged, p.receipts)
	}
	rows := f.query(`SELECT count(*) FROM teg_transactions WHERE 'tx_' || replace(id::text, '-', '') = ANY($1)`, slices.Collect(maps.Keys(acknowledged)))
	defer rows.Close()
	require.True(f.t, rows.Next())
	var found int
	require.NoError(f.t, rows.Scan(&found))
	require.Equal(f.t, len(acknowledged), found)
}

func (f *failover) query(text string, args ...any) *sql.Rows {
	f.t.Helper()
	db, err := sql.Open("pgx", f.cluster.PrimaryURL())
	require.NoError(f.t, err)
	f.t.Cleanup(func() { require.NoError(f.t, db.Close()) })
	rows, err := db.Query(text, args...)
	require.NoError(f.t, err)
	return rows
}
