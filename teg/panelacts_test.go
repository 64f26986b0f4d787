package teg_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// withPanel lets one agent judge, whoever it is.
func withPanel(c *teg.Config) {
	c.Panel = panelTerms()
	c.Panel.Seats = 1
}

// panelActs are the verbs of panels, and what becomes of them by the time.
var panelActs = []doing{
	{name: "draw a panel", parts: true, unasked: true, prepare: (*scene).judges, act: tickLater},
	{name: "commit a vote", prepare: (*scene).empanel, act: commitVote},
	{name: "reveal a vote", prepare: (*scene).committed, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.RevealVote(ctx, teg.RevealVoteParams{DryRun: s.dry, By: s.juror(), Dispute: s.disputed, Choice: teg.ChoiceSplit, Salt: salt(s.juror())})
	}},
	{name: "a juror that does not vote", parts: true, unasked: true, prepare: (*scene).empanel, act: func(ctx context.Context, s *scene) (any, error) {
		s.clock.Advance(panelTerms().CommitWindow)
		return nil, s.eng.TickPanels(ctx)
	}},
}

func commitVote(ctx context.Context, s *scene) (any, error) {
	return s.eng.CommitVote(ctx, teg.CommitVoteParams{
		DryRun: s.dry, By: s.juror(), Dispute: s.disputed, Commitment: teg.Commitment(s.disputed, 1, s.juror(), teg.ChoiceSplit, salt(s.juror())),
	})
}

// tickLater is a tick after the arbitrator was left alone for having failed.
func tickLater(ctx context.Context, s *scene) (any, error) {
	s.clock.Advance(10 * time.Minute)
	return tick(ctx, s)
}

// juror is who can judge in a scene.
func (s *scene) juror() teg.DID { return teg.Agent(fmt.Sprintf("did:example:juror-%d", s.scenes)) }

// judges leaves a dispute to be decided, and one who can.
func (s *scene) judges() error {
	ctx := context.Background()
	if !s.judged.IsZero() { // that of the scene before, whatever became of it
		_, err := s.eng.ResolveDispute(ctx, teg.ResolveDisputeParams{By: tegtest.Admin, DisputeID: s.judged, Resolution: teg.DisputeSplit, Notes: "enough"})
		require.True(s.t, err == nil || errors.Is(err, teg.ErrInvalidState), err)
		require.NoError(s.t, s.eng.Tick(ctx))
	}
	s.stakeJuror()
	err := s.arbitrate()
	s.judged = s.disputed
	return err
}

// stakeJuror makes somebody who can judge what is disputed from now on.
func (s *scene) stakeJuror() {
	ctx := context.Background()
	_, err := s.eng.RegisterAgent(ctx, teg.RegisterParams{Agent: s.juror(), Grant: teg.AVT("100")})
	require.NoError(s.t, err)
	_, err = s.eng.Stake(ctx, teg.StakeParams{By: s.juror(), Amount: teg.AVT("20")})
	require.NoError(s.t, err)
	s.staked = append(s.staked, s.juror())
	s.clock.Advance(time.Second)
}

// judgeElsewhere has the panel of the scene's dispute drawn by another server, on
// which alone there are any.
func (s *scene) judgeElsewhere() *teg.Engine {
	ctx := context.Background()
	for _, status := range []teg.DisputeStatus{teg.DisputeUnderReview, teg.DisputeAwaitingArbitration} {
		_, err := s.eng.AdvanceDispute(ctx, s.step(status))
		require.NoError(s.t, err)
	}
	other := tegtest.Over(s.t, &brittle{s.store, s.faults}, tegtest.WithClock(s.clock), withSlashing, withBond, withPanel)
	require.NoError(s.t, other.Tick(ctx))
	p, err := other.Panel(ctx, s.disputed)
	require.NoError(s.t, err)
	require.Len(s.t, p.Rounds[0].Seats, 1)
	return other
}

func (s *scene) empanel() error {
	require.NoError(s.t, s.judges())
	return s.eng.Tick(context.Background())
}

func (s *scene) committed() error {
	require.NoError(s.t, s.empanel())
	_, err := commitVote(context.Background(), s)
	require.NoError(s.t, err)
	return s.eng.Tick(context.Background())
}

// refusedVotes are the verbs of panels where each is refused.
var refusedVotes = []doing{
	{name: "vote without a seat", refusal: teg.ErrNotFound, prepare: (*scene).empanel, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.CommitVote(ctx, teg.CommitVoteParams{DryRun: s.dry, By: s.alice, Dispute: s.disputed, Commitment: teg.Commitment(s.disputed, 1, s.alice, teg.ChoiceSplit, salt(s.alice))})
	}},
	{name: "reveal too early", refusal: teg.ErrInvalidState, prepare: (*scene).empanel, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.RevealVote(ctx, teg.RevealVoteParams{DryRun: s.dry, By: s.juror(), Dispute: s.disputed, Choice: teg.ChoiceSplit, Salt: salt(s.juror())})
	}},
	{name: "reveal another vote", refusal: teg.ErrInvalidInput, prepare: (*scene).committed, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.RevealVote(ctx, teg.RevealVoteParams{DryRun: s.dry, By: s.juror(), Dispute: s.disputed, Choice: teg.ChoiceForClaimant, Salt: salt(s.juror())})
	}},
}

// Every call of what becomes of panels fails with everything, and in the end each
// thing is done once. They have worlds of their own: elsewhere nobody is to judge.
func TestEveryCallOfPanelsFails(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		w, calls, places := newWorld(t, open(t), withPanel), 2, []string{atCommit, atBegin, atRead}
		if _, onPostgres := w.store.(*postgres.Store); onPostgres { // the others have nothing to do with the database
			calls, places = 1, places[:1]
		}
		for _, act := range panelActs {
			s := w.scene(act.prepare)
			trial := trial{world: w, doing: act, kinds: kinds[:5], durations: []bool{false}, undone: s.effect()}
			_, err := act.act(limited(t), s)
			require.NoError(t, err, act.name)
			trial.done = s.effect()
			for _, at := range places {
				for nth := 1; nth <= calls && trial.fail(at, nth); nth++ {
				}
			}
		}
	})
}

// Of a vote a dry run answers what the vote then does.
func TestDryRunOfVotes(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		w := newWorld(t, open(t), withPanel)
		for _, a := range slices.Concat(panelActs, refusedVotes) {
			if !a.unasked {
				w.tried(t, a)
			}
		}
	})
}
