package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// avtpClient reports outcomes as a registry of AVTP or one of its agents does: over
// HTTP, with types of its own, knowing nothing of TEG but what the contract says.
type avtpClient struct {
	name, base, token string
	http              *http.Client
}

type avtpReport struct {
	Transaction string `json:"avtp_transaction_id"`
	Initiator   string `json:"initiating_agent_did"`
	Responder   string `json:"responding_agent_did"`
	Outcome     string `json:"outcome_status"`
	Service     string `json:"service_identifier,omitempty"`
	Payment     string `json:"transaction_id,omitempty"`
}

type avtpChange struct {
	Agent  string `json:"agent_id"`
	Change int    `json:"score_change"`
	Score  int    `json:"new_score"`
}

// avtpAnswer is an answer of either kind, with its status.
type avtpAnswer struct {
	Code    int          `json:"-"`
	Log     string       `json:"log_id"`
	Status  string       `json:"status"`
	Changes []avtpChange `json:"reputation_changes"`
	Error   string       `json:"error_code"`
}

// try sends a report once. An error says nothing about what became of it.
func (c *avtpClient) try(r avtpReport) (avtpAnswer, error) {
	var answer avtpAnswer
	body, err := json.Marshal(r)
	if err != nil {
		return answer, err
	}
	request, err := http.NewRequest(http.MethodPost, c.base+"/api/v1/avtp/report-transaction", bytes.NewReader(body))
	if err != nil {
		return answer, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := c.http.Do(request)
	if err != nil {
		return answer, err
	}
	defer response.Body.Close()
	answer.Code = response.StatusCode
	return answer, json.NewDecoder(response.Body).Decode(&answer)
}

// attempts is how often a client tries before it gives up.
const attempts = 50

// report sends a report until there is an answer, as a client must that cannot know
// whether the report arrived or its answer was lost.
func (c *avtpClient) report(r avtpReport) (answer avtpAnswer, err error) {
	for range attempts {
		if answer, err = c.try(r); err == nil {
			return answer, nil
		}
	}
	return answer, fmt.Errorf("%s of %s: %w", c.name, r.Transaction, err)
}

// line is a running server, and the way to it, which loses answers.
type line struct {
	*httptest.Server
	requests, lost atomic.Int64
}

// dial serves the market. Of every so many answers the line loses one, once the
// server has done what it was asked to; 0 loses none.
func dial(t testing.TB, m *market, oneIn int64) *line {
	l := &line{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if oneIn == 0 || l.requests.Add(1)%oneIn != 0 {
			m.server.ServeHTTP(w, r)
			return
		}
		m.server.ServeHTTP(httptest.NewRecorder(), r)
		l.lost.Add(1)
		panic(http.ErrAbortHandler) // net/http closes the connection without a word
	}))
	t.Cleanup(l.Close)
	return l
}

func (l *line) client(name, token string) *avtpClient {
	return &avtpClient{name: name, base: l.URL, token: token, http: l.Client()}
}

// avtpModel is what the contract says of scores, in the simplest way: it keeps what
// was accepted and looks at all of it when it is asked.
type avtpModel map[string]map[string]avtpReport // by transaction and reporter

func (model avtpModel) accept(by string, r avtpReport) {
	if model[r.Transaction] == nil {
		model[r.Transaction] = map[string]avtpReport{}
	}
	model[r.Transaction][by] = r
}

// outcome is how a transaction ended, "" while that is open.
func (model avtpModel) outcome(transaction string) string {
	said, paid, outcome := 0, false, ""
	for by, r := range model[transaction] {
		if by != r.Initiator && by != r.Responder {
			return r.Outcome // the platform
		}
		if said++; said > 1 && outcome != r.Outcome {
			outcome = "DISPUTED"
		} else {
			outcome = r.Outcome
		}
		paid = paid || r.Payment != "" && by == r.Initiator
	}
	if said < 2 && !paid {
		return ""
	}
	return outcome
}

func (model avtpModel) scores() map[string]int {
	scores := map[string]int{}
	for transaction, reports := range model {
		for _, r := range reports {
			switch model.outcome(transaction) {
			case "SUCCESS":
				scores[r.Responder] += 2
			case "FAILURE_PROVIDER":
				scores[r.Responder] -= 5
			case "FAILURE_CONSUMER":
				scores[r.Initiator] -= 3
			}
			break // one of them tells who the two are
		}
	}
	return scores
}

// agree wants every agent's score to be the model's, and to be what its history adds
// up to.
func (model avtpModel) agree(t *testing.T, m *market, agents ...string) {
	t.Helper()
	want := model.scores()
	for _, agent := range agents {
		shown := m.get("/reputation/"+agent, "").is(200, "")
		require.Equal(t, want[agent], number(t, shown.at("reputation_score")), agent)
		history, sum := m.get("/reputation/history/"+agent+"?limit=1000", "").is(200, ""), 0
		for i := range history.at("history").([]any) {
			sum += number(t, history.at("history", i, "score_change"))
		}
		require.Equal(t, want[agent], sum, "%s: %s", agent, history.text)
	}
}
