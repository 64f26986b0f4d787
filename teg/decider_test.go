package teg_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// censor is a decider that does what a test tells it to, and remembers what it was asked.
type censor struct {
	mu     sync.Mutex
	asked  [][]teg.Intent
	decide func(ctx context.Context, intents []teg.Intent) ([]teg.Verdict, error) // nil: all is allowed
}

func (c *censor) Decide(ctx context.Context, intents []teg.Intent) ([]teg.Verdict, error) {
	c.mu.Lock()
	c.asked = append(c.asked, slices.Clone(intents))
	decide := c.decide
	c.mu.Unlock()
	if decide != nil {
		return decide(ctx, intents)
	}
	return verdictsOn(intents, func(teg.Intent) bool { return true }), nil
}

func (c *censor) set(decide func(context.Context, []teg.Intent) ([]teg.Verdict, error)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.decide, c.asked = decide, nil
}

// questions are those since the last time that the censor was set.
func (c *censor) questions() [][]teg.Intent {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked
}

// verdictsOn allows what is allowed, and denies the rest for a reason.
func verdictsOn(intents []teg.Intent, allowed func(teg.Intent) bool) []teg.Verdict {
	verdicts := make([]teg.Verdict, len(intents))
	for i := range intents {
		if verdicts[i].Allow = allowed(intents[i]); !verdicts[i].Allow {
			verdicts[i].Reason = "not on a Sunday"
		}
	}
	return verdicts
}

func denyAll(_ context.Context, intents []teg.Intent) ([]teg.Verdict, error) {
	return verdictsOn(intents, func(teg.Intent) bool { return false }), nil
}

// under lets a decider watch over an engine.
func (c *censor) under(config *teg.Config) { config.Decider = c }

// told is an intent in words, with what differs between scenes taken out.
func (s *scene) told(i teg.Intent) string {
	var b strings.Builder
	fmt.Fprint(&b, i.Verb, " by ", i.By)
	say := func(name string, value fmt.Stringer, given bool) {
		if given {
			fmt.Fprintf(&b, " %s=%s", name, value)
		}
	}
	say("sender", i.Sender, !i.Sender.IsZero())
	say("receiver", i.Receiver, !i.Receiver.IsZero())
	say("agent", i.Agent, !i.Agent.IsZero())
	say("amount", i.Amount, !i.Amount.IsZero())
	if i.All {
		b.WriteString(" all")
	}
	if i.Rate != nil {
		fmt.Fprint(&b, " rate=", i.Rate.FractionString())
	}
	for _, text := range []struct{ name, value string }{{"reference", i.Reference}, {"name", i.Name}, {"value", i.Value}} {
		if text.value != "" {
			fmt.Fprintf(&b, " %s=%s", text.name, text.value)
		}
	}
	say("tx", i.Transaction, !i.Transaction.IsZero())
	say("hold", i.Hold, !i.Hold.IsZero())
	say("stake", i.Stake, !i.Stake.IsZero())
	say("delegation", i.Delegation, !i.Delegation.IsZero())
	say("dispute", i.Dispute, !i.Dispute.IsZero())
	say("flag", i.Flag, !i.Flag.IsZero())
	say("policy", i.Policy, !i.Policy.IsZero())
	say("attestation", i.Attestation, !i.Attestation.IsZero())
	if i.Batch {
		b.WriteString(" in a batch")
	}
	names := []string{
		s.alice.String(), "alice", s.bob.String(), "bob", s.carol.String(), "carol", tegtest.Admin.String(), "admin", s.juror().String(), "juror",
		s.eng.TreasuryDID().String(), "treasury", s.paid.String(), "PAID", s.placed.String(), "PLACED", s.hold.String(), "HOLD", s.stake.String(), "STAKE",
		s.lent.String(), "LENT", s.disputed.String(), "DISPUTED", s.flag.String(), "FLAG", s.policy.String(), "POLICY", s.attested.String(), "ATTESTED",
		fmt.Sprintf("scene-%d", s.scenes), "SCENE", s.circuit(), "CIRCUIT",
	}
	text := b.String()
	for i := 0; i < len(names); i += 2 {
		if names[i] != "" {
			text = strings.ReplaceAll(text, names[i], names[i+1])
		}
	}
	return text
}

// Before each act the decider is asked once, is told what it is about, and by whom; and
// where it denies, or gives no answer in whatever way, nothing has changed at all and
// nothing is remembered: the same call then goes through.
// It is asked before any database is, so that one of the two says enough.
func TestDeciderIsAskedBeforeEveryAct(t *testing.T) {
	t.Parallel()
	verbs := map[teg.Verb]bool{}
	askAbout(t, slices.Concat(acts, onlyDry, repeatedBootstraps), verbs)
	askAbout(t, panelActs, verbs, withPanel) // elsewhere nobody is to judge
	for v := teg.Verb(1); v.Valid(); v++ {
		require.NotEqual(t, slices.Contains(unaskedVerbs, v), verbs[v], "%s: an act of the lists is to ask for it", v)
	}
}

// askAbout does each act in a scene of its own, and notes the verbs that a decider was
// told of.
func askAbout(t *testing.T, list []doing, verbs map[teg.Verb]bool, options ...func(*teg.Config)) {
	c := new(censor)
	w := newWorld(t, storetest.OpenSQLite(t), append(options, c.under)...)
	for _, a := range list {
		if a.unasked {
			continue
		}
		c.set(nil)
		s := w.scene(a.prepare)
		if !strings.HasPrefix(a.name, "batch") { // see TestDeciderOfBatches
			s.kept(t, c, a)
		}
		c.set(nil)
		ctx := teg.WithRoles(teg.WithRequestID(limited(t), "request-7"), "agent", "auditor")
		_, err := a.act(ctx, s)
		require.ErrorIs(t, err, a.refusal, a.name)
		require.Len(t, c.questions(), 1, "%s: it is asked once", a.name)
		var lines []string
		for _, i := range c.questions()[0] {
			require.Equal(t, []string{"agent", "auditor"}, i.Roles, a.name)
			require.Equal(t, "request-7", i.RequestID, a.name)
			require.False(t, i.DryRun, a.name)
			verbs[i.Verb] = true
			lines = append(lines, s.told(i))
		}
		require.Equal(t, toldOf[a.name], strings.Join(lines, "\n"), "%s: what is a decider to be told of it?", a.name)
	}
}

// kept tries an act that the decider keeps from happening in every way there is.
func (s *scene) kept(t *testing.T, c *censor, a doing) {
	t.Helper()
	before := everyRow(t, s.store)
	c.set(denyAll)
	_, err := a.act(limited(t), s)
	require.ErrorIs(t, err, teg.ErrPolicyDenied, a.name)
	require.ErrorContains(t, err, "not on a Sunday", a.name)
	require.Equal(t, "AUTH_POLICY_DENIED", teg.CodeOf(err), a.name)
	for _, fault := range faultsOfDeciders {
		c.set(fault.decide)
		_, err := a.act(limited(t), s)
		require.ErrorIs(t, err, teg.ErrUndecided, "%s: %s", a.name, fault.name)
		require.Equal(t, "SYS_UNAVAILABLE", teg.CodeOf(err))
	}
	require.Equal(t, before, everyRow(t, s.store), a.name)
}

// faultsOfDeciders are the ways in which one gives no answer, but for taking too long.
var faultsOfDeciders = []struct {
	name   string
	decide func(context.Context, []teg.Intent) ([]teg.Verdict, error)
}{
	{"an error", func(context.Context, []teg.Intent) ([]teg.Verdict, error) { return nil, errors.New("no") }},
	{"an error beside verdicts", func(_ context.Context, in []teg.Intent) ([]teg.Verdict, error) {
		return verdictsOn(in, func(teg.Intent) bool { return true }), teg.ErrNotFound
	}},
	{"a panic", func(context.Context, []teg.Intent) ([]teg.Verdict, error) { panic("no") }},
	{"no verdicts", func(context.Context, []teg.Intent) ([]teg.Verdict, error) { return nil, nil }},
	{"too many verdicts", func(_ context.Context, in []teg.Intent) ([]teg.Verdict, error) {
		return verdictsOn(append(in, in...), func(teg.Intent) bool { return true }), nil
	}},
}

// unaskedVerbs are those that nobody can ask for: parts of others, and what is due.
var unaskedVerbs = []teg.Verb{
	store.VerbTransferBatch, store.VerbUpdateFlags, // a decider is told of the elements
	store.VerbExpireHolds, store.VerbReleaseUnbonding, store.VerbCompound, store.VerbPayAttestation, store.VerbSeeEvidence,
	store.VerbStoreEvidence, store.VerbPayDebt, store.VerbDrawPanel, store.VerbAdvancePanel,
}
