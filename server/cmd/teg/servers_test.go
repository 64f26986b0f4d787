package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store/storetest"
)

// severalServers are processes on one PostgreSQL.
type severalServers struct {
	*shell
	running []*background
	apis    []string
}

func startSeveral(t *testing.T, n int) *severalServers {
	s := &severalServers{shell: newShell(t, "DATABASE_URL="+sharing(t, storetest.PostgresURL(t)), "JWT_SECRET_KEY="+secret, "RATE_LIMIT_ENABLED=false",
		"LISTEN_ADDR=127.0.0.1:0", "LOG_LEVEL=info", "MIN_STAKE_AMOUNT=1")}
	s.succeed("migrate", "up")
	s.write("ring.csv", "1,2,1,1\n2,3,1,2\n3,4,1,3\n4,1,1,4\n")
	s.succeed("import", "--ratings", "ring.csv")
	for range n {
		s.running = append(s.running, s.start("serve"))
	}
	for _, b := range s.running {
		s.apis = append(s.apis, servingURL.FindStringSubmatch(b.expect(b.stderr, "msg=serving url="))[1]+"/api/v1")
	}
	return s
}

func (s *severalServers) mint(agent string, roles ...string) string {
	s.t.Helper()
	return strings.TrimSpace(s.succeed(append([]string{"token", "mint", "--sub", agent}, roles...)...))
}

// end stops all of them, and proves the books.
func (s *severalServers) end() {
	s.t.Helper()
	for _, b := range s.running {
		require.Zero(s.t, b.end(syscall.SIGTERM))
	}
	require.Contains(s.t, s.succeed("verify"), "the books hold")
}

// keyed sends a request under a key.
func keyed(method, url, token, key, body string) (status int, answer map[string]any, replayed bool, err error) {
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, nil, false, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, false, err
	}
	defer response.Body.Close()
	err = json.NewDecoder(response.Body).Decode(&answer)
	return response.StatusCode, answer, response.Header.Get("Idempotency-Replayed") == "true", err
}

// One key is sent to four servers at once, for many keys: each is paid once, and each
// server tells of the same transaction. Cycles are run once by a key, too.
func TestServersDoAKeyOnce(t *testing.T) {
	t.Parallel()
	const keys = 25
	s := startSeveral(t, 4)
	payer := s.mint("did:otc:1")
	_, before := ask(t, "GET", s.apis[0]+"/token/balance", payer, "")
	var done atomic.Int64
	for i := range keys {
		ids := make([]any, len(s.apis))
		faults := make([]error, len(s.apis))
		var all sync.WaitGroup
		for n, api := range s.apis {
			all.Go(func() {
				status, receipt, replayed, err := keyed("POST", api+"/token/transfer", payer, fmt.Sprint("key-", i), `{"receiver_agent_id":"did:otc:2","amount":"1"}`)
				if err == nil && status != http.StatusOK {
					err = fmt.Errorf("server %d answered %d: %v", n, status, receipt)
				}
				if ids[n], faults[n] = receipt["transaction_id"], err; !replayed {
					done.Add(1)
				}
			})
		}
		all.Wait()
		for n := range ids {
			require.NoError(t, faults[n])
			require.Equal(t, ids[0], ids[n])
		}
	}
	require.EqualValues(t, keys, done.Load(), "one server did it, and the others told of it")
	_, after := ask(t, "GET", s.apis[3]+"/token/balance", payer, "")
	require.InDelta(t, number(t, before["balance"])-keys*1.001, number(t, after["balance"]), 0.0000001)
	s.end()
}

// What is changed on one server is in force on the others with the next request, and what
// falls due is done once.
func TestServersAgreeAtOnce(t *testing.T) {
	t.Parallel()
	s := startSeveral(t, 2)
	admin, payer := s.mint("did:example:root", "--role", "admin"), s.mint("did:otc:1")
	one, two := s.apis[0], s.apis[1]
	pay := func(api string) (int, map[string]any) {
		return ask(t, "POST", api+"/token/transfer", payer, `{"receiver_agent_id":"did:otc:2","amount":"1"}`)
	}
	status, held := ask(t, "POST", one+"/token/holds", payer, `{"receiver_agent_id":"did:otc:2","amount":"1","expires_in_seconds":1}`)
	require.Equal(t, http.StatusCreated, status, held)
	for range 3 {
		status, answer := ask(t, "POST", one+"/admin/accounts/suspend", admin, `{"agent_id":"did:otc:1","reason":"a test"}`)
		require.Equal(t, http.StatusOK, status, answer)
		status, answer = pay(two)
		require.Equal(t, http.StatusForbidden, status, answer)
		status, answer = ask(t, "POST", two+"/admin/accounts/reactivate", admin, `{"agent_id":"did:otc:1","reason":"a test"}`)
		require.Equal(t, http.StatusOK, status, answer)
		status, answer = pay(one)
		require.Equal(t, http.StatusOK, status, answer)
	}
	policy := `{"policy_code":"fees","policy_name":"Fees","policy_type":"economic","description":"a test","parameters":{"transfer_fee":"0.5"},"enforcement_level":"mandatory"}`
	status, answer := ask(t, "POST", one+"/governance/policies", admin, policy)
	require.Equal(t, http.StatusCreated, status, answer)
	_, receipt := pay(two)
	require.Equal(t, "0.5", receipt["fee_amount"], receipt)
	second := s.mint("did:otc:3", "--role", "admin")
	status, answer = ask(t, "PUT", one+"/admin/accounts/roles", admin, `{"agent_id":"did:otc:3","revoked_roles":["admin"],"reason":"a test"}`)
	require.Equal(t, http.StatusOK, status, answer)
	status, _ = ask(t, "GET", two+"/admin/treasury", second, "")
	require.Equal(t, http.StatusForbidden, status, "its token says admin, and is as good as it was")
	var given float64
	require.Eventually(t, func() bool {
		status, log := ask(t, "GET", two+"/admin/audit-log?action=hold_expired&limit=10", admin, "")
		given, _ = log["total"].(float64)
		return status == http.StatusOK && given > 0
	}, insistence, 20*time.Millisecond)
	require.EqualValues(t, 1, given, "both looked for it, and one gave it back")
	s.end()
}
