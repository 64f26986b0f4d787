package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/limit"
	"github.com/agentvault/teg-layer/teg"
)

var errRateLimited = ledger.NewReason("RATE_LIMITED", "too many requests; the header Retry-After says when there is room again")

// errNotLookedAt refuses a token on a route that has no limit, hence no 429.
var errNotLookedAt = fmt.Errorf("%w, or was not looked at: its address has sent too many that are not", auth.ErrInvalid)

// Limits are how many requests a caller may send within an hour, of each class. The
// same number may come at once. 0 is the default.
type Limits struct {
	Standard int // default 6000
	Transfer int // default 6000; a bulk request counts its items
	Admin    int // default 3000
	Identity int // default 60; by address, for login and onboarding
}

// validationsPerMinute is how often an address may ask whether a bootstrap token is
// good, whatever is configured.
const validationsPerMinute = 20

// rates are the limits by class.
func (l Limits) rates() [limit.Classes]limit.Rate {
	or := func(given, otherwise int) limit.Rate {
		if given == 0 {
			given = otherwise
		}
		return limit.PerHour(given)
	}
	return [limit.Classes]limit.Rate{
		limit.Standard: or(l.Standard, 6000), limit.Transfer: or(l.Transfer, 6000), limit.Admin: or(l.Admin, 3000),
		limit.Identity: or(l.Identity, 60), limit.Validation: {Burst: validationsPerMinute, Period: time.Minute},
		limit.Failure: or(l.Standard, 6000),
	}
}

// limitClasses are the classes of routes by the beginning of their paths behind the
// API's prefix; the first that fits holds. The rest of the API is standard, and what
// stands outside of it is not limited.
var limitClasses = []struct {
	method, begins string // "" is any method
	class          limit.Class
}{
	{"", "/onboarding/validate-token", limit.Validation},
	{"", "/onboarding/", limit.Identity},
	{"", "/auth/", limit.Identity},
	{"", "/admin/", limit.Admin},
	{http.MethodPost, "/token/transfer", limit.Transfer},
	{http.MethodPost, "/token/transactions/", limit.Transfer}, // refunds
	{http.MethodPost, "/token/holds", limit.Transfer},
}

// limitClass is the class of a route.
func limitClass(prefix, method, path string) limit.Class {
	within, ok := strings.CutPrefix(path, prefix+"/")
	if !ok {
		return limit.None
	}
	for _, c := range limitClasses {
		if (c.method == "" || c.method == method) && strings.HasPrefix("/"+within, c.begins) {
			return c.class
		}
	}
	return limit.Standard
}

// limits is what a server knows of them.
type limits struct {
	limiter limit.Limiter // nil: there are none
	rates   [limit.Classes]limit.Rate
	words   [limit.Classes]string // of the header that names the limit
	// failures counts tokens that are refused, here alone, whatever several servers
	// share: every request with a token asks for it.
	failures *limit.Memory
	made     *lru.Cache[teg.DID, bool] // whether agents came by themselves, which never changes
}

func newLimits(limiter limit.Limiter, l Limits) limits {
	if limiter == nil {
		return limits{}
	}
	made, err := lru.New[teg.DID, bool](limit.DefaultSize)
	if err != nil { // only where the size is not positive
		panic(err)
	}
	all := limits{limiter: limiter, rates: l.rates(), failures: limit.NewMemory(0), made: made}
	for class, rate := range all.rates {
		all.words[class] = strconv.Itoa(rate.Burst)
	}
	return all
}

// limited reports whether the call's route has a limit.
func (c *call) limited() bool { return c.server.limits.limiter != nil && c.route.class != limit.None }

// take takes n tokens of a class and says in the answer's headers what is left.
func (c *call) take(by limit.Limiter, key limit.Key, n int) error {
	rate := c.server.limits.rates[key.Class]
	result, err := by.Take(c.ctx, key, n, rate)
	if err != nil { // those that can fail are for [limit.Shared]
		return fmt.Errorf("%w: the limits cannot be counted: %w", teg.ErrUnavailable, err)
	}
	h, now := c.w.Header(), time.Now()
	values := []string{c.server.limits.words[key.Class], strconv.Itoa(result.Remaining), strconv.FormatInt(ceil(now.Add(result.Full)), 10)}
	h["X-Ratelimit-Limit"], h["X-Ratelimit-Remaining"], h["X-Ratelimit-Reset"] = values[:1:1], values[1:2:2], values[2:]
	if result.Allowed {
		return nil
	}
	h.Set("Retry-After", strconv.FormatInt(int64((result.Retry+time.Second-1)/time.Second), 10))
	c.wait = result.Retry
	return errRateLimited
}

// overLimit notes, for the metrics, for what class the call is refused.
func (c *call) overLimit(class limit.Class, err error) error {
	if errors.Is(err, errRateLimited) || errors.Is(err, errNotLookedAt) {
		c.limit = class
	}
	return err
}

// ceil is the first Unix second that is not before a time.
func ceil(t time.Time) int64 {
	if t.Nanosecond() > 0 {
		return t.Unix() + 1
	}
	return t.Unix()
}

// limitAddress counts a request for its address.
func (c *call) limitAddress(class limit.Class) error {
	if !c.limited() {
		return nil
	}
	return c.overLimit(class, c.take(c.server.limits.limiter, limit.Of(class, c.address()), 1))
}

// limitCaller counts a request for the agent that sends it, or for its address.
func (c *call) limitCaller() error {
	if !c.limited() {
		return nil
	}
	key := c.limitKey()
	return c.overLimit(key.Class, c.take(c.server.limits.limiter, key, 1))
}

// limitItems counts what a request holds beyond one. One that is refused is not
// counted at all.
func (c *call) limitItems() error {
	if c.items <= 1 || !c.limited() {
		return nil
	}
	l, key := &c.server.limits, c.limitKey()
	err := c.overLimit(key.Class, c.take(l.limiter, key, c.items-1))
	if err == nil {
		return nil
	}
	_ = c.take(l.limiter, key, -1) // whose headers say what is left
	if most := l.rates[key.Class].Burst; c.items > most {
		return fmt.Errorf("%w; this request counts as %d, and no more than %d are let through at once: send it in parts", err, c.items, most)
	}
	return err
}

// limitKey is whose tokens the call takes.
func (c *call) limitKey() limit.Key {
	class := c.route.class
	if class.ByAddress() || c.caller.Agent.IsZero() || c.server.limits.byThemselves(c.ctx, c.engine(), c.caller.Agent) {
		return limit.Of(class, c.address())
	}
	return limit.Key{Class: class, Agent: c.caller.Agent}
}

// byThemselves reports whether an agent is one of those whom anybody can make as many
// of as they like: they count for the address that they call from. So do those of whom
// nothing is known yet.
func (l *limits) byThemselves(ctx context.Context, engine *teg.Engine, agent teg.DID) bool {
	if self, known := l.made.Get(agent); known {
		return self
	}
	profile, err := engine.Profile(ctx, agent)
	if err != nil {
		return true
	}
	self := profile.Origin == teg.FromSelf
	l.made.Add(agent, self)
	return self
}

// limitFailures refuses, on whatever route, to look at a token where its address has
// sent too many that are not good. One that was good before is looked at all the same,
// so that nobody is shut out by others who share the address.
func (c *call) limitFailures(token string) error {
	if c.server.limits.limiter == nil {
		return nil
	}
	key := limit.Of(limit.Failure, c.address())
	left, _ := c.server.limits.failures.Take(c.ctx, key, 0, c.server.limits.rates[limit.Failure])
	if left.Remaining > 0 || c.server.config.Verifier.Known(token) {
		return nil
	}
	if !c.limited() {
		c.wait = c.server.limits.rates[limit.Failure].Cost(1) // at the most
		return c.overLimit(limit.Failure, errNotLookedAt)
	}
	return c.overLimit(limit.Failure, c.take(c.server.limits.failures, key, 1))
}

// failedToken counts a token that is not good. What went wrong with it is told in any
// case: there was room when it was looked at.
func (c *call) failedToken(err error) error {
	if c.server.limits.limiter == nil || !errors.Is(err, auth.ErrInvalid) && !errors.Is(err, auth.ErrRevoked) {
		return err
	}
	l, key := &c.server.limits, limit.Of(limit.Failure, c.address())
	if c.limited() {
		_ = c.take(l.failures, key, 1)
	} else {
		_, _ = l.failures.Take(c.ctx, key, 1, l.rates[limit.Failure])
	}
	return err
}

// address is the call's client address, found once.
func (c *call) address() netip.Addr {
	if !c.located {
		c.from, c.located = c.server.clientAddress(c.request), true
	}
	return c.from
}

// addressText is the client address as it is logged, "" where it is unknown.
func (c *call) addressText() string {
	if address := c.address(); address.IsValid() {
		return address.String()
	}
	return ""
}
