package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
)

// The server and the receivers of two webhooks are killed at random under load, over and
// over. In the end each payment was told to both, none twice but under the same id, and
// what was new came in order.
func TestKilledWithWebhooks(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		s := newShell(t, "DATABASE_URL="+url, "JWT_SECRET_KEY="+secret, "RATE_LIMIT_ENABLED=false", "LISTEN_ADDR=127.0.0.1:0", "LOG_LEVEL=info",
			"READER_TERM=1s", "WEBHOOK_SECRET_KEY="+secret, "WEBHOOK_ALLOW_PRIVATE=true")
		s.succeed("migrate", "up")
		s.write("ring.csv", "1,2,1,1\n2,3,1,2\n3,4,1,3\n4,1,1,4\n")
		s.succeed("import", "--ratings", "ring.csv")
		all, own := newMailbox(t), newMailbox(t)
		subscribeBoth(s, all, own)
		payers := make([]*sender, 4)
		for i := range payers {
			payers[i] = &sender{
				name: fmt.Sprintf("payer-%d", i), from: i + 1, path: "/token/transfer", id: "transaction_id",
				body: fmt.Sprintf(`{"receiver_agent_id":"did:otc:%d","amount":"0.01"}`, 1+(i+1)%4), token: minted(t, fmt.Sprintf("did:otc:%d", i+1)),
			}
		}
		killOverAndOver(s, payers, kills(t)/2, func(string) {
			everybody, hers := map[string]bool{}, map[string]bool{}
			for _, p := range payers {
				for id := range p.receipts {
					everybody[id] = true
					if p.from == 1 || p.from == 4 { // who pays did:otc:1
						hers[id] = true
					}
				}
			}
			all.requireTold(everybody)
			own.requireTold(hers)
			t.Logf("%d and %d payments were told; %d and %d messages came again", len(everybody), len(hers), all.again, own.again)
		})
	})
}

// subscribeBoth has one told of all payments, and the other of those of the first trader.
func subscribeBoth(s *shell, all, own *mailbox) {
	t := s.t
	t.Helper()
	b := s.start("serve")
	api := servingURL.FindStringSubmatch(b.expect(b.stderr, "msg=serving url="))[1] + "/api/v1"
	for _, box := range []*mailbox{all, own} {
		token, scope := minted(t, "did:otc:1"), "own"
		if box == all {
			token, scope = minted(t, "did:otc:1", teg.RoleAdmin), "all"
		}
		status, made := ask(t, "POST", api+"/webhooks", token, fmt.Sprintf(`{"url":%q,"scope":%q,"event_types":["transfer"]}`, box.url(), scope))
		require.Equal(t, 201, status, made)
		checker, err := standard.NewWebhook(made["secret"].(string))
		require.NoError(t, err)
		box.mu.Lock()
		box.checker = checker
		box.mu.Unlock()
	}
	require.Zero(t, b.end(syscall.SIGTERM))
	for _, box := range []*mailbox{all, own} {
		box.live()
	}
}

// mailbox is a receiver that is killed and starts again, and remembers what it has taken.
type mailbox struct {
	t       *testing.T
	address string
	ended   chan struct{}
	living  sync.WaitGroup

	mu      sync.Mutex
	checker *standard.Webhook
	seen    map[string]string  // transactions, by the messages that told of them
	told    map[string]int     // how many messages tell of each
	places  map[string][]int64 // positions of what was new, by who paid
	again   int
	faults  []string
}

func newMailbox(t *testing.T) *mailbox {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	m := &mailbox{
		t: t, address: free.Addr().String(), ended: make(chan struct{}), seen: map[string]string{}, told: map[string]int{}, places: map[string][]int64{},
	}
	require.NoError(t, free.Close())
	t.Cleanup(func() {
		close(m.ended)
		m.living.Wait()
	})
	return m
}

func (m *mailbox) url() string { return "http://" + m.address + "/hooks" }

// live listens, and is killed at random until the test ends.
func (m *mailbox) live() {
	m.living.Go(func() {
		for {
			select {
			case <-m.ended:
				return
			default:
			}
			listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", m.address)
			if err != nil { // what was sent to the last one is still on its way
				<-time.After(10 * time.Millisecond)
				continue
			}
			server := &http.Server{Handler: http.HandlerFunc(m.take), ReadHeaderTimeout: time.Minute}
			served := make(chan struct{})
			go func() { defer close(served); _ = server.Serve(listener) }()
			select {
			case <-m.ended:
			case <-time.After(time.Second + rand.N(2*time.Second)): // when it is killed is of no matter
			}
			_ = server.Close()
			<-served
		}
	})
}

// take takes a message, and now and then dies before its answer is out.
func (m *mailbox) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	m.mu.Lock()
	m.note(r.Header, body)
	m.mu.Unlock()
	if rand.N(20) == 0 {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(http.StatusNoContent)
}

func (m *mailbox) note(header http.Header, body []byte) {
	var message struct {
		Data struct {
			Position int64
			Body     struct {
				Sender       string
				Transactions []string
			}
		}
	}
	id := header.Get("Webhook-Id")
	if err := m.checker.Verify(body, header); err != nil {
		m.faults = append(m.faults, err.Error())
		return
	}
	if err := json.Unmarshal(body, &message); err != nil {
		m.faults = append(m.faults, err.Error())
		return
	}
	if _, known := m.seen[id]; known {
		m.again++
		return
	}
	transaction := message.Data.Body.Transactions[0]
	m.seen[id] = transaction
	m.told[transaction]++
	m.places[message.Data.Body.Sender] = append(m.places[message.Data.Body.Sender], message.Data.Position)
}

// requireTold demands that it was told of these and of no others, each once and in order.
func (m *mailbox) requireTold(transactions map[string]bool) {
	m.t.Helper()
	complete := func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		return len(m.told) >= len(transactions)
	}
	require.Eventually(m.t, complete, 4*time.Minute, 50*time.Millisecond)
	m.mu.Lock()
	defer m.mu.Unlock()
	require.Empty(m.t, m.faults)
	for id, times := range m.told {
		require.True(m.t, transactions[id], "%s was told, and nobody paid", id)
		require.Equal(m.t, 1, times, "%s", id)
	}
	require.Len(m.t, m.told, len(transactions))
	for payer, positions := range m.places {
		require.IsIncreasing(m.t, positions, payer)
	}
}
