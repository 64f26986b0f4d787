package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

// explained are the calls that can be explained, as methods and paths below the prefix.
// What they do, they do by verbs of the engine alone, so that an engine of which every
// verb is a dry run keeps them from doing anything.
var explained = []string{
	"POST /token/transfer", "POST /token/transfer/to-system", "POST /token/transfer/bulk",
	"POST /token/transactions/{transaction_id}/refund", "POST /token/{transaction_id}/reputation-signal",
	"POST /token/holds", "POST /token/holds/{hold_id}/capture", "POST /token/holds/{hold_id}/void",
	"POST /agent/deactivate", "POST /agent/stake", "POST /agent/unstake", "POST /agent/delegate", "POST /agent/undelegate", "POST /agent/rewards/claim",
	"POST /avtp/report-transaction",
	"POST /attestation/submit", "PUT /admin/attestations/{submission_id}", "POST /admin/circuits",
	"POST /governance/policies", "PUT /governance/policies/{policy_id}", "DELETE /governance/policies/{policy_id}",
	"POST /dispute/file", "POST /dispute/{dispute_id}/evidence", "POST /dispute/{dispute_id}/respond", "POST /dispute/{dispute_id}/withdraw",
	"POST /dispute/{dispute_id}/panel/commit", "POST /dispute/{dispute_id}/panel/reveal",
	"PUT /admin/disputes/{dispute_id}/status", "PUT /admin/disputes/{dispute_id}/resolve",
	"POST /auditor/flag", "POST /admin/auditor/flags/bulk-update", "PUT /admin/auditor/flags/{flag_id}", "POST /admin/auditor/flags/{flag_id}/escalate",
	"PUT /admin/auditor/rules",
	"POST /admin/tokens/issue", "POST /admin/tokens/burn", "POST /admin/tokens/adjust",
	"POST /admin/accounts/suspend", "POST /admin/accounts/reactivate", "PUT /admin/accounts/roles",
	"POST /admin/staking/trigger-reward-cycle", "POST /admin/staking/slash", "POST /admin/bootstrap-tokens/generate",
	"POST /webhooks", "PUT /webhooks/{webhook_id}", "DELETE /webhooks/{webhook_id}",
	"POST /webhooks/{webhook_id}/pause", "POST /webhooks/{webhook_id}/resume", "POST /webhooks/{webhook_id}/rotate-secret",
}

type explainRequest api.ExplainRequest

func (in *explainRequest) check(f *faults) {
	if in.Method != http.MethodPost && in.Method != http.MethodPut && in.Method != http.MethodDelete {
		f.add("method", "must be POST, PUT or DELETE: what only reads has nothing to explain", &in.Method)
	}
	if !strings.HasPrefix(in.Path, "/") || len(in.Path) > maxExplainedPath {
		f.add("path", "must be a path below the prefix, such as /token/transfer", &in.Path)
	}
	if body := bytes.TrimSpace(in.Body); len(body) > 0 && body[0] != '{' {
		f.add("body", "must be an object", nil)
	}
	f.key("idempotency_key", in.IdempotencyKey)
}

// maxExplainedPath is how long the path of a call may be that is to be explained, in bytes.
const maxExplainedPath = 1024

func postExplain(c *call) (func() (answer, error), error) {
	in := new(explainRequest)
	if err := c.read(in); err != nil || c.faults.err() != nil {
		return nil, err
	}
	inner := c.rehearsal(in)
	if inner == nil {
		c.faults.add("path", "no call of this method and path can be explained; these can: "+strings.Join(explained, ", "), &in.Path)
		return nil, nil
	}
	return func() (answer, error) { return c.explain(inner) }, nil
}

// rehearsal is the call that is to be explained, as its caller would make it, over an
// engine that does nothing; nil where it is none of those that can be explained.
func (c *call) rehearsal(in *explainRequest) *call {
	target, err := url.ParseRequestURI(c.server.config.Prefix + in.Path)
	if err != nil {
		return nil
	}
	request := &http.Request{
		Method: in.Method, URL: target, Host: c.request.Host, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(in.Body)), ContentLength: int64(len(in.Body)), RemoteAddr: c.request.RemoteAddr,
	}
	if in.IdempotencyKey != nil {
		request.Header.Set("Idempotency-Key", *in.IdempotencyKey)
	}
	inner := &call{
		server: c.server, w: counted{ResponseWriter: c.w.ResponseWriter}, request: request.WithContext(c.request.Context()), ctx: c.ctx, began: c.began, id: c.id,
		caller: c.caller, roles: c.roles, from: c.from, located: c.located, dry: true,
	}
	if inner.route, inner.vars = c.server.router.find(request); inner.route == nil ||
		!slices.Contains(explained, in.Method+" "+strings.TrimPrefix(inner.route.path, c.server.config.Prefix)) {
		return nil
	}
	return inner
}

// explain tells what would come of another call. That it cannot be told just now is an
// error of this one.
func (c *call) explain(inner *call) (answer, error) {
	result, err := inner.rehearse(c.route)
	c.limit, c.wait = inner.limit, inner.wait
	if errors.Is(err, errRateLimited) || errors.Is(err, errNotLookedAt) || timedOut(err) {
		return answer{}, err
	}
	if err != nil {
		p := newProblem(err)
		status, known := statuses[string(p.ErrorCode)]
		if !known || status >= http.StatusInternalServerError {
			return answer{}, err
		}
		return answer{body: api.Explanation{Status: status, Replayed: teg.Replayed(err), Error: &p, Reason: inner.reason(err)}}, nil
	}
	body := api.Explanation{Allowed: true, Status: http.StatusOK, Replayed: result.replayed}
	if result.status != 0 {
		body.Status = result.status
	}
	text := json.RawMessage(result.text)
	if text == nil {
		if text, err = json.Marshal(result.body); err != nil {
			return answer{}, err
		}
	}
	body.Answer = &text
	return answer{body: body}, nil
}

// rehearse takes the call through the order of the contract, from the caller's role on,
// as one that came by another route and was counted for that.
func (c *call) rehearse(by *endpoint) (answer, error) {
	if by.class != c.route.class {
		if err := c.limitCaller(); err != nil {
			return answer{}, err
		}
	}
	if err := c.admitRole(); err != nil {
		return answer{}, err
	}
	act, err := c.prepare()
	if err == nil {
		err = c.limitItems()
	}
	if err == nil {
		err = c.resting
	}
	if err != nil {
		return answer{}, err
	}
	return act()
}
