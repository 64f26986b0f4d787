package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/config"
)

// kills is how often the server is killed on each database: six times in
// the ordinary suite, TEG_TEST_KILLS times in the long one.
func kills(t *testing.T) int {
	given := os.Getenv("TEG_TEST_KILLS")
	if given == "" {
		return 6
	}
	n, err := strconv.Atoi(given)
	require.NoError(t, err)
	return n
}

// The server is killed at random under load, over and over. Clients resolve
// what they do not know by sending the key again. In the end, nothing that was
// acknowledged is lost, nothing was done twice, and no start needed a repair.
func TestKilled(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		s := newShell(t, "DATABASE_URL="+url, "JWT_SECRET_KEY="+secret, "RATE_LIMIT_ENABLED=false", "LISTEN_ADDR=127.0.0.1:0", "LOG_LEVEL=info", "LOG_SIGNING_KEY="+config.DevelopmentLogKey, "LOG_CHECKPOINT_INTERVAL=1s")
		s.succeed("migrate", "up")
		s.write("ring.csv", "1,2,1,1\n2,3,1,2\n3,4,1,3\n4,1,1,4\n")
		s.succeed("import", "--ratings", "ring.csv")
		payers := make([]*sender, 8)
		for i := range payers {
			from := 1 + i%4
			payers[i] = &sender{
				name: fmt.Sprintf("payer-%d", i), from: from, path: "/token/transfer", id: "transaction_id",
				body:  fmt.Sprintf(`{"receiver_agent_id":"did:otc:%d","amount":"0.01"}`, 1+from%4),
				token: strings.TrimSpace(s.succeed("token", "mint", "--sub", fmt.Sprintf("did:otc:%d", from))),
			}
		}
		killOverAndOver(s, payers, kills(t), func(api string) {
			acknowledged := map[int]int{}
			for _, p := range payers {
				acknowledged[p.from] += len(p.receipts)
			}
			requireDoneOnce(s, api, acknowledged)
		})
	})
}

// The same with stakes and reward cycles: each stake that was acknowledged is
// there once, and each cycle.
func TestKilledInCycles(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		s := newShell(t, "DATABASE_URL="+url, "JWT_SECRET_KEY="+secret, "RATE_LIMIT_ENABLED=false", "LISTEN_ADDR=127.0.0.1:0", "LOG_LEVEL=info", "LOG_SIGNING_KEY="+config.DevelopmentLogKey, "LOG_CHECKPOINT_INTERVAL=1s", "MIN_STAKE_AMOUNT=0.01")
		s.succeed("migrate", "up")
		s.write("ring.csv", "1,2,1,1\n2,3,1,2\n3,4,1,3\n4,1,1,4\n")
		s.succeed("import", "--ratings", "ring.csv")
		admin := strings.TrimSpace(s.succeed("token", "mint", "--sub", "did:otc:1", "--role", "admin"))
		senders := []*sender{{name: "cycles", path: "/admin/staking/trigger-reward-cycle", id: "cycle_id", body: `{"reward_percentage":"0.01"}`, token: admin}}
		for from := 1; from <= 4; from++ {
			senders = append(senders, &sender{
				name: fmt.Sprintf("staker-%d", from), from: from, path: "/agent/stake", id: "stake_id", body: `{"amount":"0.01"}`, most: 990,
				token: strings.TrimSpace(s.succeed("token", "mint", "--sub", fmt.Sprintf("did:otc:%d", from))),
			})
		}
		killOverAndOver(s, senders, kills(t), func(api string) {
			status, log := ask(t, "GET", api+"/admin/audit-log?action=reward_cycle&limit=1", admin, "")
			require.Equal(t, 200, status)
			require.EqualValues(t, len(senders[0].receipts), log["total"])
			for _, staker := range senders[1:] {
				status, page := ask(t, "GET", api+"/agent/stakes?limit=1", staker.token, "")
				require.Equal(t, 200, status)
				require.EqualValues(t, len(staker.receipts), page["total"])
			}
		})
	})
}

// killOverAndOver kills the server so many times, at random after something was
// acknowledged, while senders send. When they have learnt what became of everything,
// check looks at what there is.
func killOverAndOver(s *shell, senders []*sender, times int, check func(api string)) {
	t := s.t
	t.Helper()
	var api atomic.Pointer[string]
	serve := func() *background {
		b := s.start("serve")
		address := servingURL.FindStringSubmatch(b.expect(b.stderr, "msg=serving url="))[1] + "/api/v1"
		api.Store(&address)
		return b
	}
	b := serve()
	var stop atomic.Bool
	var running sync.WaitGroup
	acted, ended := make(chan struct{}, 1), make(chan struct{})
	for _, p := range senders {
		p.api, p.stop, p.acted = &api, &stop, acted
		running.Go(p.run)
	}
	go func() { running.Wait(); close(ended) }()
	for range times {
		select {
		case <-acted: // the server was reached: a machine that is busy with other things takes its time
		case <-ended:
		}
		<-time.After(20*time.Millisecond + rand.N(250*time.Millisecond)) // the moment is the point of the test
		b.end(syscall.SIGKILL)
		select { // of what was before
		case <-acted:
		default:
		}
		b = serve()
	}
	stop.Store(true)
	<-ended

	acknowledged, unsure, replayed := 0, 0, 0
	for _, p := range senders {
		require.NoError(t, p.fault)
		acknowledged += len(p.receipts)
		unsure += p.unsure
		replayed += p.replayed
	}
	t.Logf("%d acts; %d answers were lost, %d of them to acts that had been done", acknowledged, unsure, replayed)
	if times >= 10 {
		require.NotZero(t, replayed, "no kill came between a commit and its answer: the test has shown nothing")
	}
	check(*api.Load())
	require.Zero(t, b.end(syscall.SIGTERM))
	require.Contains(t, s.succeed("verify"), "the books hold")
}

// requireDoneOnce demands that each trader of the ring paid the next as often as
// was acknowledged, and has what that leaves.
func requireDoneOnce(s *shell, api string, acknowledged map[int]int) {
	t := s.t
	t.Helper()
	for from, count := range acknowledged {
		token := strings.TrimSpace(s.succeed("token", "mint", "--sub", fmt.Sprintf("did:otc:%d", from)))
		next := fmt.Sprintf("did:otc:%d", 1+from%4)
		status, page := ask(t, "GET", api+"/token/transactions?transaction_type=transfer&limit=1&counterparty="+next, token, "")
		require.Equal(t, 200, status)
		if page["total_capped"] != true {
			require.EqualValues(t, count+1, page["total"], "transfers of %d: those acknowledged, and the imported one", from)
		}
		status, balance := ask(t, "GET", api+"/token/balance", token, "")
		require.Equal(t, 200, status)
		spent, earned := float64(count), float64(acknowledged[1+(from+2)%4])
		require.InDelta(t, 10000-0.001-0.011*spent+0.01*earned, number(t, balance["balance"]), 0.0000001)
	}
}

func number(t *testing.T, text any) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(text.(string), 64)
	require.NoError(t, err)
	return f
}

// sender sends one request after the other, each under a key of its own, and sends
// a key again until it knows what became of it.
type sender struct {
	name, path, body, id, token string
	from                        int                                               // the trader who sends
	most                        int                                               // requests, zero for no limit
	turn                        func(p *sender, client *http.Client, name string) // nil: act

	api      *atomic.Pointer[string]
	stop     *atomic.Bool
	acted    chan struct{}   // is told of receipts
	receipts map[string]bool // ids of what was acknowledged
	unsure   int             // keys that had to be sent again
	replayed int             // of which the act had been done
	done     atomic.Int64    // receipts so far, for who looks on
	fault    error
}

func (p *sender) run() {
	p.receipts = map[string]bool{}
	client := &http.Client{Transport: new(http.Transport), Timeout: 10 * time.Second}
	for i := 0; !p.stop.Load() && p.fault == nil && (p.most == 0 || i < p.most); i++ {
		turn := p.turn
		if turn == nil {
			turn = (*sender).act
		}
		turn(p, client, fmt.Sprintf("%s-%d", p.name, i))
	}
}

// insistence is how long a key is sent again: far longer than any server is away.
const insistence = 3 * time.Minute

// act sends a key until it is acknowledged.
func (p *sender) act(client *http.Client, key string) {
	began := time.Now()
	for first := true; time.Since(began) < insistence; first = false {
		id, status := p.send(client, key)
		acknowledged := status == http.StatusOK || status == http.StatusCreated
		if first && !acknowledged {
			p.unsure++
		}
		switch {
		case acknowledged && p.receipts[id]:
			p.fault = fmt.Errorf("%s was answered with another key's %s", key, id)
			return
		case acknowledged:
			p.receipt(id)
			return
		case status != 0 && status != http.StatusServiceUnavailable:
			p.fault = fmt.Errorf("%s was answered with %d", key, status)
			return
		}
		<-time.After(2 * time.Millisecond) // leaves the processor to the server that starts
	}
	p.fault = fmt.Errorf("%s was not acknowledged within %s", key, insistence)
}

// receipt notes that something was acknowledged.
func (p *sender) receipt(id string) {
	p.receipts[id] = true
	p.done.Add(1)
	select {
	case p.acted <- struct{}{}:
	default: // somebody else has told
	}
}

// send returns the id of what was done and the status, 0 when no answer came.
func (p *sender) send(client *http.Client, key string) (id string, status int) {
	request, err := http.NewRequest("POST", *p.api.Load()+p.path, strings.NewReader(p.body))
	if err != nil {
		p.fault = err
		return "", 0
	}
	request.Header.Set("Authorization", "Bearer "+p.token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", key)
	response, err := client.Do(request)
	if err != nil {
		return "", 0
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return "", 0
	}
	var receipt map[string]any
	if response.StatusCode < http.StatusMultipleChoices && json.Unmarshal(text, &receipt) != nil {
		return "", 0
	}
	if response.Header.Get("Idempotency-Replayed") == "true" {
		p.replayed++
	}
	id, _ = receipt[p.id].(string)
	return id, response.StatusCode
}
