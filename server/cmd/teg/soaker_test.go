package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// soaker is an agent that does a bit of everything, over and over.
type soaker struct {
	api, token, admin, next string
	client                  *http.Client
	stop                    *atomic.Bool
	calls                   int
	fault                   error

	mu       sync.Mutex
	payments []time.Duration // how long they took, since they were last asked for
}

func newSoaker(api, token, admin, next string, stop *atomic.Bool) *soaker {
	return &soaker{api: api, token: token, admin: admin, next: next, stop: stop, client: &http.Client{Transport: new(http.Transport), Timeout: time.Minute}}
}

func (c *soaker) run() {
	for i := 0; !c.stop.Load() && c.fault == nil; i++ {
		c.round(i)
	}
}

// round pays, sets aside, and asks; and once in a while praises, stakes or, as an
// administrator, has stakes rewarded.
func (c *soaker) round(i int) {
	paid := c.pay()
	c.get("/token/balance", "/token/transactions?limit=20", "/reputation/rankings?limit=10", "/reputation/"+c.next)
	held := c.post(c.token, "/token/holds", `{"receiver_agent_id":"%s","amount":"0.02"}`, c.next)["hold_id"]
	if i%2 == 0 {
		c.post(c.token, fmt.Sprintf("/token/holds/%v/capture", held), `{"amount":"0.01"}`)
	} else {
		c.post(c.token, fmt.Sprintf("/token/holds/%v/void", held), `{}`)
	}
	switch i % 20 {
	case 3:
		c.post(c.token, fmt.Sprintf("/token/%v/reputation-signal", paid), `{"signal_value":1}`)
	case 7:
		staked := c.post(c.token, "/agent/stake", `{"amount":"0.1"}`)["stake_id"]
		c.post(c.admin, "/admin/staking/trigger-reward-cycle", `{"reward_percentage":"0.01"}`)
		c.post(c.token, "/agent/unstake", `{"stake_id":"%v"}`, staked)
	case 11:
		c.post(c.admin, "/admin/tokens/issue", `{"recipient_agent_id":"%s","amount":"1","reason":"a soak"}`, c.next)
	case 15:
		c.get("/reputation/"+c.next+"/trust", "/log/checkpoint", "/agent/stakes?limit=10", "/agent/profile")
	}
}

// pay makes a payment, notes how long it took, and returns its id.
func (c *soaker) pay() any {
	began := time.Now()
	paid := c.post(c.token, "/token/transfer", `{"receiver_agent_id":"%s","amount":"0.01","message":"for the soak"}`, c.next)["transaction_id"]
	c.mu.Lock()
	defer c.mu.Unlock()
	c.payments = append(c.payments, time.Since(began))
	return paid
}

// takePayments returns how long payments took since it was last asked.
func (c *soaker) takePayments() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := c.payments
	c.payments = nil
	return taken
}

func (c *soaker) get(paths ...string) {
	for _, path := range paths {
		c.send("GET", c.token, path, "")
	}
}

func (c *soaker) post(token, path, body string, args ...any) map[string]any {
	var answer map[string]any
	text := c.send("POST", token, path, fmt.Sprintf(body, args...))
	if err := json.Unmarshal(text, &answer); err != nil && c.fault == nil {
		c.fault = fmt.Errorf("%s: %w", path, err)
	}
	return answer
}

// send wants each request to succeed: nothing here is refused.
func (c *soaker) send(method, token, path, body string) []byte {
	if c.fault != nil {
		return nil
	}
	c.calls++
	text, status, err := c.ask(method, token, path, body)
	if err != nil || status >= http.StatusMultipleChoices {
		c.fault = fmt.Errorf("%s %s: %d %s %w", method, path, status, text, err)
	}
	return text
}

func (c *soaker) ask(method, token, path, body string) (text []byte, status int, err error) {
	request, err := http.NewRequest(method, c.api+path, strings.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.client.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close()
	text, err = io.ReadAll(response.Body)
	return text, response.StatusCode, err
}
