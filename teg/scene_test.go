package teg_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// world is an engine over a brittle store.
type world struct {
	t      *testing.T
	faults *faults
	store  store.Store
	clock  *tegtest.Clock
	eng    *teg.Engine
	scenes int
	staked []teg.DID // in the scene before
	judged teg.DisputeID
}

func newWorld(t *testing.T, st store.Store, options ...func(*teg.Config)) *world {
	w := &world{t: t, faults: new(faults), store: st, clock: tegtest.NewClock()}
	w.eng = tegtest.Over(t, &brittle{st, w.faults}, append([]func(*teg.Config){tegtest.WithClock(w.clock), withSlashing, withBond, withAttestations, withCourier}, options...)...)
	_, err := w.eng.Issue(context.Background(), teg.IssueParams{By: tegtest.Admin, To: w.eng.TreasuryDID(), Amount: teg.AVT("10000000"), Reason: "reserve"})
	require.NoError(t, err)
	putPolicies(t, w.eng, worldPolicies()...)
	return w
}

// withSlashing lets value wait for a minute, within reach of a slash.
var withSlashing = tegtest.WithStaking(func(terms *teg.StakingTerms) {
	terms.UnstakingPeriod, terms.Slashing = time.Minute, true
})

// withBond makes a dispute cost something.
var withBond = tegtest.WithDisputes(func(terms *teg.DisputeTerms) { terms.FilingFee, terms.Bond = teg.AVT("1"), teg.AVT("2") })

// clearStakes makes the stakes of the scene before worth nothing, and does what
// is due of them, so that a cycle distributes what this scene earns.
func (w *world) clearStakes() {
	for _, agent := range w.staked {
		_, err := w.eng.Slash(context.Background(), teg.SlashParams{
			By: tegtest.Admin, Validator: agent, Percentage: teg.Percent(100), Evidence: "end of " + agent.String(), Reason: "x",
		})
		require.NoError(w.t, err)
	}
	if len(w.staked) > 0 {
		w.staked = nil
		w.clock.Advance(2 * time.Minute)
		require.NoError(w.t, w.eng.Tick(context.Background()))
	}
}

// scene is two agents of its own, with something between them, and one that does
// not exist yet.
type scene struct {
	*world
	alice, bob, carol teg.DID
	paid              teg.TransactionID
	hold              teg.HoldID
	placed            teg.TransactionID // that set the hold aside
	stake             teg.StakeID
	lent              teg.DelegationID
	flag              teg.FlagID
	disputed          teg.DisputeID
	policy            teg.PolicyID
	attested          teg.AttestationID
	invitation        string // a bootstrap token for Carol
	hooked            teg.WebhookID
	seen              teg.Supply
	events            int64
	dry               bool // its verbs are only asked what they would do
}

func (w *world) scene(prepare func(*scene) error) *scene {
	w.t.Helper()
	w.clearStakes()
	w.scenes++
	name := func(who string) teg.DID { return teg.Agent(fmt.Sprintf("did:example:%s-%d", who, w.scenes)) }
	s := &scene{world: w, alice: name("alice"), bob: name("bob"), carol: name("carol")}
	for _, agent := range []teg.DID{s.alice, s.bob} {
		_, err := w.eng.RegisterAgent(context.Background(), teg.RegisterParams{Agent: agent, Grant: teg.AVT("100")})
		require.NoError(w.t, err)
	}
	if prepare != nil {
		require.NoError(w.t, prepare(s))
	}
	var err error
	s.seen, err = w.eng.Supply(context.Background())
	require.NoError(w.t, err)
	s.events, _, err = w.store.Reader().LogSize(context.Background())
	require.NoError(w.t, err)
	return s
}

// effect is what has happened in the scene since it was set, in words.
func (s *scene) effect() string {
	s.t.Helper()
	ctx, text := context.Background(), ""
	for _, agent := range []teg.DID{s.alice, s.bob, s.carol} {
		p, err := s.eng.Profile(ctx, agent)
		if errors.Is(err, teg.ErrNotFound) {
			text += "nobody; "
			continue
		}
		require.NoError(s.t, err)
		text += fmt.Sprintf("%s %s+%s+%s %d %q; ", p.Status, p.Balance.Available, p.Balance.Locked, p.Balance.Staked, p.Reputation, p.SuspensionReason)
	}
	now, err := s.eng.Supply(ctx)
	require.NoError(s.t, err)
	events, _, err := s.store.Reader().LogSize(ctx)
	require.NoError(s.t, err)
	for _, pair := range [][2]teg.Amount{{now.Issued, s.seen.Issued}, {now.Burned, s.seen.Burned}, {now.Treasury, s.seen.Treasury}, {now.Fees, s.seen.Fees}} {
		change, err := pair[0].Signed().Sub(pair[1].Signed())
		require.NoError(s.t, err)
		text += change.String() + " "
	}
	return text + fmt.Sprint(now.Transactions-s.seen.Transactions, " transactions, ", events-s.events, " events")
}

// patience is time enough for everything but a hang, also where the machine is busy.
const patience = 2 * time.Minute

func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func (s *scene) pay() error {
	r, err := s.eng.Transfer(context.Background(), teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("10"), Key: "paid"})
	s.paid = r.TransactionID
	return err
}

func (s *scene) setAside() error {
	h, err := s.eng.Hold(context.Background(), teg.HoldParams{From: s.alice, To: s.bob, Amount: teg.AVT("5"), Term: teg.MaxHoldTerm})
	s.hold = h.HoldID
	if err == nil {
		s.placed = h.TransactionIDs[0]
	}
	return err
}

func (s *scene) expired() error {
	_, err := s.eng.Hold(context.Background(), teg.HoldParams{From: s.alice, To: s.bob, Amount: teg.AVT("50"), Term: time.Second})
	s.clock.Advance(2 * time.Second)
	return err
}

func (s *scene) suspend() error {
	_, err := s.eng.SuspendAgent(context.Background(), teg.StandingParams{Agent: s.alice, By: tegtest.Admin, Reason: "x"})
	return err
}

func (s *scene) empty() error {
	_, err := s.eng.TransferToSystem(context.Background(), teg.SystemTransferParams{From: s.alice, Amount: teg.AVT("100")})
	return err
}
