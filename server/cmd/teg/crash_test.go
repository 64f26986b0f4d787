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
)

// kills is how often the server is killed on each database: twenty times in
// the ordinary suite, TEG_TEST_KILLS times in the long one.
func kills(t *testing.T) int {
	given := os.Getenv("TEG_TEST_KILLS")
	if given == "" {
		return 20
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
		s := newShell(t, "DATABASE_URL="+url, "JWT_SECRET_KEY="+secret, "LISTEN_ADDR=127.0.0.1:0", "LOG_LEVEL=info")
		s.succeed("migrate", "up")
		s.write("ring.csv", "1,2,1,1\n2,3,1,2\n3,4,1,3\n4,1,1,4\n")
		s.succeed("import", "--ratings", "ring.csv")
		var api atomic.Pointer[string]
		serve := func() *background {
			b := s.start("serve")
			address := servingURL.FindStringSubmatch(b.expect(b.stderr, "msg=serving url="))[1] + "/api/v1"
			api.Store(&address)
			return b
		}
		b := serve()
		var stop atomic.Bool
		payers := make([]*payer, 8)
		var running sync.WaitGroup
		for i := range payers {
			payers[i] = &payer{api: &api, stop: &stop, number: i, from: 1 + i%4}
			payers[i].token = strings.TrimSpace(s.succeed("token", "mint", "--sub", fmt.Sprintf("did:otc:%d", payers[i].from)))
			running.Go(payers[i].run)
		}
		for range kills(t) {
			<-time.After(20*time.Millisecond + rand.N(250*time.Millisecond)) // the moment is the point of the test
			b.end(syscall.SIGKILL)
			b = serve()
		}
		stop.Store(true)
		running.Wait()

		acknowledged, unsure, replayed := map[int]int{}, 0, 0
		for _, p := range payers {
			require.NoError(t, p.fault)
			acknowledged[p.from] += len(p.receipts)
			unsure += p.unsure
			replayed += p.replayed
		}
		t.Logf("%d transfers; %d answers were lost, %d of them to transfers that had been made",
			acknowledged[1]+acknowledged[2]+acknowledged[3]+acknowledged[4], unsure, replayed)
		if kills(t) >= 10 {
			require.NotZero(t, replayed, "no kill came between a commit and its answer: the test has shown nothing")
		}
		requireDoneOnce(s, *api.Load(), acknowledged)
		require.Zero(t, b.end(syscall.SIGTERM))
		require.Contains(t, s.succeed("verify"), "the books hold")
	})
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

// payer sends one transfer after the other, each under a key of its own, and
// sends a key again until it knows what became of it.
type payer struct {
	api      *atomic.Pointer[string]
	stop     *atomic.Bool
	number   int
	from     int
	token    string
	receipts map[string]bool // ids of transactions that were acknowledged
	unsure   int             // keys that had to be sent again
	replayed int             // of which the transfer had been made
	fault    error
}

func (p *payer) run() {
	p.receipts = map[string]bool{}
	client := &http.Client{Transport: new(http.Transport), Timeout: 10 * time.Second}
	for i := 0; !p.stop.Load() && p.fault == nil; i++ {
		p.pay(client, fmt.Sprintf("payer-%d-%d", p.number, i))
	}
}

// pay sends a key until it is acknowledged.
func (p *payer) pay(client *http.Client, key string) {
	began := time.Now()
	for first := true; time.Since(began) < time.Minute; first = false {
		id, status := p.send(client, key)
		if first && status != http.StatusOK {
			p.unsure++
		}
		switch {
		case status == http.StatusOK && p.receipts[id]:
			p.fault = fmt.Errorf("%s was answered with another key's transaction %s", key, id)
			return
		case status == http.StatusOK:
			p.receipts[id] = true
			return
		case status != 0 && status != http.StatusServiceUnavailable:
			p.fault = fmt.Errorf("%s was answered with %d", key, status)
			return
		}
		<-time.After(2 * time.Millisecond) // leaves the processor to the server that starts
	}
	p.fault = fmt.Errorf("%s was not acknowledged within a minute", key)
}

// send returns the transaction and the status, 0 when no answer came.
func (p *payer) send(client *http.Client, key string) (id string, status int) {
	body := fmt.Sprintf(`{"receiver_agent_id":"did:otc:%d","amount":"0.01"}`, 1+p.from%4)
	request, err := http.NewRequest("POST", *p.api.Load()+"/token/transfer", strings.NewReader(body))
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
	var receipt struct {
		ID string `json:"transaction_id"`
	}
	if response.StatusCode == http.StatusOK && json.Unmarshal(text, &receipt) != nil {
		return "", 0
	}
	if response.Header.Get("Idempotency-Replayed") == "true" {
		p.replayed++
	}
	return receipt.ID, response.StatusCode
}
