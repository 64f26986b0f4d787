package teg

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// BootstrapPrefix begins every bootstrap token, so that one that lies about is known
// for what it is.
const BootstrapPrefix = "tegboot_"

const (
	bootstrapBytes = 32                                            // of chance in each
	bootstrapSize  = len(BootstrapPrefix) + (bootstrapBytes*8+5)/6 // characters
)

// Bounds of what a bootstrap token says, in characters, and of how long it can be used.
const (
	MaxTypeHint    = ledger.MaxTypeHint
	MaxRequestedBy = ledger.MaxRequestedBy

	MinBootstrapTTL = time.Minute
	MaxBootstrapTTL = 365 * 24 * time.Hour
)

// BootstrapRetention is how long a token that nobody used is remembered after it
// expired, as expired; from then on it is unknown.
const BootstrapRetention = 30 * 24 * time.Hour

// BootstrapTokenParams asks for a token with which one agent can register.
type BootstrapTokenParams struct {
	By          DID
	TypeHint    string        // what kind of agent it is for, at most 64 characters
	RequestedBy string        // who asked for it, at most 255 characters
	TTL         time.Duration // from a minute to a year; zero means [Config.BootstrapTTL]
	// Grant is what its agent gets from the treasury. Nil means
	// [Terms.OnboardingGrant], as it is when the token is used.
	Grant  *Amount
	DryRun bool
}

// IssuedBootstrapToken is a token as it is handed out. Nobody can ask for it again.
type IssuedBootstrapToken struct {
	Token     string // the secret; empty in a dry run, where there is none
	ID        BootstrapID
	TypeHint  string
	IssuedAt  time.Time
	ExpiresAt time.Time
}

// IssueBootstrapToken makes a token with which one agent can register, until it
// expires: 32 random bytes, of which a SHA-256 is kept, and nothing else. It is in the
// receipt alone; whoever loses it issues another.
//
// Errors: [ErrInvalidInput], [ErrSuspended] for the one who acts.
func (e *Engine) IssueBootstrapToken(ctx context.Context, p BootstrapTokenParams) (IssuedBootstrapToken, error) {
	if p.TTL == 0 {
		p.TTL = e.config.BootstrapTTL
	}
	if err := check(named("by", p.By), validText("agent_type_hint", p.TypeHint, ledger.MaxTypeHint),
		validText("requested_by", p.RequestedBy, ledger.MaxRequestedBy), validBootstrapTTL("expires_in_hours", p.TTL)); err != nil {
		return IssuedBootstrapToken{}, err
	}
	op, err := e.administrative(ctx, p.By, store.VerbIssueBootstrapToken, p.DryRun)
	if err != nil {
		return IssuedBootstrapToken{}, err
	}
	intent := Intent{Name: p.TypeHint}
	if p.Grant != nil {
		intent.Amount = *p.Grant
	}
	op.intend(intent)
	secret := newBootstrapToken()
	return perform(e, op, func(d *decision) (IssuedBootstrapToken, []ledger.ID, error) {
		t := ledger.BootstrapToken{
			ID: BootstrapID(d.core.newID()), Hash: bootstrapHash(secret), TypeHint: p.TypeHint, RequestedBy: p.RequestedBy,
			By: p.By, At: d.now, ExpiresAt: d.now.Add(p.TTL.Truncate(time.Microsecond)),
		}
		if p.Grant != nil {
			t.OwnGrant, t.Grant = true, *p.Grant
		}
		d.changes.Bootstraps.Issued = append(d.changes.Bootstraps.Issued, t)
		d.record(act{action: store.VerbIssueBootstrapToken.String(), reference: bootstrapTerms(&t), referenceID: t.ID.String(), until: t.ExpiresAt})
		shown := secret
		if op.dryRun {
			shown = ""
		}
		return IssuedBootstrapToken{Token: shown, ID: t.ID, TypeHint: t.TypeHint, IssuedAt: t.At, ExpiresAt: t.ExpiresAt}, nil, nil
	}, func(store.Record) (IssuedBootstrapToken, error) { return IssuedBootstrapToken{}, ErrInternal })
}

func validBootstrapTTL(field string, ttl time.Duration) error {
	if ttl < MinBootstrapTTL || ttl > MaxBootstrapTTL {
		return ledger.Invalid(field, "from %s to %d hours", MinBootstrapTTL, int(MaxBootstrapTTL/time.Hour))
	}
	return nil
}

// BootstrapTokenStatus is what anybody who has a token may know of it.
type BootstrapTokenStatus struct {
	Valid     bool
	TypeHint  string    // empty where it is not valid
	ExpiresAt time.Time // zero where it is not valid
}

// BootstrapToken tells whether an agent can register with a token now. It never tells
// why not: a token that was used, one that expired and one that never was look the
// same, as does a text that is no token at all.
func (e *Engine) BootstrapToken(ctx context.Context, token string) (BootstrapTokenStatus, error) {
	t, found, err := e.findBootstrapToken(ctx, token)
	if err != nil || !found || !t.Valid(e.clock.now()) {
		return BootstrapTokenStatus{}, err
	}
	return BootstrapTokenStatus{Valid: true, TypeHint: t.TypeHint, ExpiresAt: t.ExpiresAt}, nil
}

// findBootstrapToken looks a token up by its hash. How long that takes depends on the
// hash alone, which nobody can steer towards that of a token: so no part of a token
// can be found out by measuring.
func (e *Engine) findBootstrapToken(ctx context.Context, token string) (ledger.BootstrapToken, bool, error) {
	if len(token) != bootstrapSize || !strings.HasPrefix(token, BootstrapPrefix) {
		return ledger.BootstrapToken{}, false, nil
	}
	found, err := e.reader().BootstrapTokens(ctx, bootstrapHash(token))
	if err != nil || len(found) == 0 {
		return ledger.BootstrapToken{}, false, outward(err)
	}
	return found[0], true, nil
}

// needBootstrapToken has the token of a registration loaded; [ErrUnknownToken] where
// there is none.
func (e *Engine) needBootstrapToken(ctx context.Context, op *operation, token string) (BootstrapID, error) {
	t, found, err := e.findBootstrapToken(ctx, token)
	if err != nil {
		return BootstrapID{}, err
	}
	if !found {
		return BootstrapID{}, ErrUnknownToken
	}
	op.need.bootstraps = []BootstrapID{t.ID}
	if sum := t.GrantBy(e.Terms()); !sum.IsZero() {
		op.need.accounts = append(op.need.accounts, e.system.rows[ledger.Treasury][0])
	}
	return t.ID, nil
}

// useBootstrapToken uses a token up, for the agent that registers with it.
func (d *decision) useBootstrapToken(id BootstrapID, agent DID) (ledger.BootstrapToken, error) {
	before, found := d.bootstraps[id]
	if !found { // it has been forgotten since it was looked up
		return before, ErrUnknownToken
	}
	used, err := before.Use(agent, d.now)
	if err != nil {
		return before, err
	}
	d.bootstraps[id] = used
	d.undo = append(d.undo, func() { d.bootstraps[id] = before })
	d.changes.Bootstraps.Used = append(d.changes.Bootstraps.Used, used)
	return used, nil
}

// newBootstrapToken makes a secret.
func newBootstrapToken() string {
	var secret [bootstrapBytes]byte
	rand.Read(secret[:]) // never fails
	return BootstrapPrefix + base64.RawURLEncoding.EncodeToString(secret[:])
}

// bootstrapHash is what is kept of a token. It needs no salt and no slow function: the
// token is as long as the hash, so it cannot be guessed.
func bootstrapHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// bootstrapTerms stand in the log for what a token was issued with. The hash, which
// the log does not tell, keeps others from guessing the texts.
func bootstrapTerms(t *ledger.BootstrapToken) string {
	return termsDigest(t.Hash, t.TypeHint, t.RequestedBy, strconv.FormatBool(t.OwnGrant), t.Grant.String(), t.By.String(),
		t.At.UTC().Format(TimeFormat), t.ExpiresAt.UTC().Format(TimeFormat))
}
