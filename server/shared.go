package server

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/server/cache"
	"github.com/agentvault/teg-layer/teg"
)

// shared are the answers that several servers have in common: those of public reads that
// are the same for everybody.
type shared struct {
	engine *teg.Engine
	cache  *cache.Cache // nil: there is none
}

// ready reports whether there is a cache, and it knows which economy it is of, so that two
// on one Redis do not mix. It does not while nothing has happened yet.
func (s *shared) ready(ctx context.Context) bool {
	if s.cache == nil || s.cache.Begun() {
		return s.cache != nil
	}
	identity, err := s.engine.LogIdentity(ctx)
	if err == nil {
		s.cache.Begin(identity)
	}
	return err == nil
}

// changed has no answer be given from now on that was made before now.
func (s *shared) changed(ctx context.Context) {
	s.ready(ctx) // where it cannot be, the cache remembers
	s.cache.Changed(ctx)
}

// sharedly answers with what is shared for a question, or asks, and shares what comes of
// it. What is refused is not shared.
func (c *call) sharedly(question []string, ask func() (answer, error)) (answer, error) {
	s := &c.server.shared
	if !s.ready(c.ctx) {
		return ask()
	}
	text, err := s.cache.Answer(c.ctx, strings.Join(question, "\n"), func() ([]byte, error) {
		a, err := ask()
		if err != nil {
			return nil, err
		}
		return json.Marshal(a.body)
	})
	return answer{text: text}, err
}

// question is the page in words, for one of a shared answer.
func (p page) question() []string {
	return []string{strconv.Itoa(p.limit), strconv.FormatInt(p.offset, 10), strconv.FormatBool(p.total), p.cursor}
}

// withoutScores are the beginnings of routes that write and change no score. All others
// may, those that will be added too.
var withoutScores = []string{
	"/auth/", "/onboarding/", "/agent/", "/token/transfer", "/token/transactions/", "/token/holds", "/governance/",
	"/admin/tokens/", "/admin/accounts/", "/admin/staking/", "/admin/circuits", "/admin/bootstrap-tokens/", "/admin/auditor/rules", "/auditor/flag",
}

// mayScore reports whether a route may change a score.
func mayScore(prefix, method, path string) bool {
	within, ok := strings.CutPrefix(path, prefix)
	if !ok || method == "GET" {
		return false
	}
	for _, begins := range withoutScores {
		if strings.HasPrefix(within, begins) {
			return false
		}
	}
	return true
}

// carryOut does what a handler has found out that it is to do. What may have changed a
// score is told to those who share answers before the client hears of it, whatever came of
// it: of a panic or a lost connection to the database nobody knows, and what is refused as
// done already may have been done by a server that died before it told.
func (c *call) carryOut(act func() (answer, error)) (answer, error) {
	if c.route.scores && c.server.shared.cache != nil {
		defer c.server.shared.changed(c.ctx)
	}
	return act()
}

// scoreActions are those of events that may tell of a score that changed. A test holds
// them against all verbs.
var scoreActions = []string{
	"signal", "report_outcome", "update_flag", "update_flags", "escalate_flag", "attest", "review_attestation", "pay_attestation", "see_evidence", "store_evidence",
	"raise_dispute", "add_evidence", "respond_to_dispute", "withdraw_dispute", "advance_dispute", "resolve_dispute",
	"draw_panel", "advance_panel", "commit_vote", "reveal_vote",
}

// Pauses of who reads the log for the sake of the cache.
const (
	sharedPause = 100 * time.Millisecond
	sharedAgain = time.Second // after a fault
)

// watchScores reads in the log what others changed (hosts, commands, servers that died),
// and has the cache know of it, until the context ends.
func (s *Server) watchScores(ctx context.Context) {
	reader := scoreReader{shared: &s.shared}
	for ctx.Err() == nil {
		wait := sharedPause
		if err := reader.on(ctx); err != nil && ctx.Err() == nil {
			s.config.Logger.WarnContext(ctx, "the log cannot be read for the shared cache; what others change may be seen late", "error", err)
			wait = sharedAgain
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// scoreReader is how far the log was read.
type scoreReader struct {
	*shared
	begun    bool
	position int64 // to read from
}

// on reads what was added. At first, and where the log has lost its end, nobody knows what
// had been there.
func (r *scoreReader) on(ctx context.Context) error {
	if !r.ready(ctx) {
		return nil
	}
	if !r.begun {
		return r.begin(ctx)
	}
	found := false
	for event, err := range r.engine.EventsFrom(ctx, r.position, scoreActions...) {
		if err != nil {
			r.begun = false
			return err
		}
		r.position, found = event.Position+1, true
	}
	if found {
		r.cache.Changed(ctx)
	}
	r.cache.Settle(ctx)
	return nil
}

// begin goes to the end of the log.
func (r *scoreReader) begin(ctx context.Context) error {
	last, err := r.engine.AuditLog(ctx, teg.AuditLogQuery{Limit: 1})
	if err != nil {
		return err
	}
	for _, event := range last.Entries {
		r.position = event.Position + 1
	}
	r.begun = true
	r.cache.Changed(ctx)
	return nil
}
