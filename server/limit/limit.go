package limit

import (
	"context"
	"net/netip"
	"time"

	"github.com/agentvault/teg-layer/ledger/did"
)

// Class is a kind of request that has a limit of its own. The zero Class is not
// limited.
type Class uint8

// The classes.
const (
	None       Class = iota
	Standard         // everything that is none of the others
	Transfer         // payments; each item of a bulk request counts
	Admin            // what runs the economy
	Identity         // login and onboarding, always by address
	Validation       // looking whether a bootstrap token is good, always by address
	Failure          // tokens that were refused, always by address
	lastClass  = Failure

	// Classes is how many classes there are, for tables by class.
	Classes = int(lastClass) + 1
)

var classNames = [...]string{"none", "standard", "transfer", "admin", "identity", "validation", "failure"}

// String returns the name of the class, "" for one that is not.
func (c Class) String() string {
	if c > lastClass {
		return ""
	}
	return classNames[c]
}

// ByAddress reports whether requests of the class belong to the address that they
// come from, whoever sends them.
func (c Class) ByAddress() bool { return c >= Identity }

// Key names a bucket: that of an agent, or that of an address where Agent is zero.
type Key struct {
	Class   Class
	Agent   did.DID
	Address netip.Addr
}

// Of is the key of a client address: IPv6 by /64, since whoever has one address there
// has them all.
func Of(class Class, address netip.Addr) Key {
	address = address.Unmap().WithZone("")
	if address.Is6() {
		if network, err := address.Prefix(64); err == nil {
			address = network.Addr()
		}
	}
	return Key{Class: class, Address: address}
}

// String names the bucket in a store that is shared.
func (k Key) String() string {
	if !k.Agent.IsZero() {
		return k.Class.String() + ":" + k.Agent.String()
	}
	return k.Class.String() + "@" + k.Address.String()
}

// Rate is what a bucket holds, and how fast it fills: Burst tokens in each Period,
// evenly. Both are more than zero.
type Rate struct {
	Burst  int
	Period time.Duration
}

// PerHour is a bucket of n that fills within an hour.
func PerHour(n int) Rate { return Rate{n, time.Hour} }

// Cost is how long the bucket takes to gain n tokens.
func (r Rate) Cost(n int) time.Duration {
	return time.Duration(float64(n) / float64(r.Burst) * float64(r.Period))
}

// Result is what became of a request for tokens.
type Result struct {
	Allowed   bool
	Limit     int           // what the bucket holds when it is full
	Remaining int           // whole tokens that are left
	Full      time.Duration // until it is full again
	Retry     time.Duration // of what is refused: until there will be as many; the whole period where it never holds as many
}

// Describe is for implementations of [Limiter] that know when a bucket will be full. It
// says what became of a request for n tokens.
func Describe(allowed bool, full time.Duration, n int, r Rate) Result {
	full = min(max(full, 0), r.Period)
	result := Result{Allowed: allowed, Limit: r.Burst, Full: full}
	there := float64(r.Period-full) / float64(r.Period) * float64(r.Burst)
	result.Remaining = min(int(there*(1+rounding)), r.Burst)
	if !allowed {
		result.Retry = min(max(full+r.Cost(n)-r.Period, 1), r.Period)
	}
	return result
}

// rounding makes up for what is lost where a number of tokens is kept as a time, so
// that three tokens are three and not 2.9999.
const rounding = 1e-9

// Limiter takes tokens out of buckets. It is safe for concurrent use.
type Limiter interface {
	// Take takes n tokens from a bucket, all or none. A bucket that nobody asked for
	// lately is full; one key always comes with one rate. With n = 0 it only looks; a
	// negative n gives back what was taken. More than the bucket holds is never
	// allowed. An error means that nobody knows.
	Take(ctx context.Context, key Key, n int, rate Rate) (Result, error)
}
