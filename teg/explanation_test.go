package teg_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// sentinels are those of errors.go and what else an error of the engine may wrap.
var sentinels = map[string]error{
	"ErrSelfTransfer": teg.ErrSelfTransfer, "ErrInsufficientBalance": teg.ErrInsufficientBalance, "ErrBelowMinimum": teg.ErrBelowMinimum,
	"ErrAboveMaximum": teg.ErrAboveMaximum, "ErrNotFound": teg.ErrNotFound, "ErrAlreadyExists": teg.ErrAlreadyExists, "ErrInvalidState": teg.ErrInvalidState,
	"ErrExpired": teg.ErrExpired, "ErrTokenUsed": teg.ErrTokenUsed, "ErrUnknownToken": teg.ErrUnknownToken, "ErrStakeDelegated": teg.ErrStakeDelegated,
	"ErrStakeInactive": teg.ErrStakeInactive, "ErrSignalApplied": teg.ErrSignalApplied, "ErrDuplicateAttestation": teg.ErrDuplicateAttestation,
	"ErrCooldown": teg.ErrCooldown, "ErrForbidden": teg.ErrForbidden, "ErrSuspended": teg.ErrSuspended, "ErrInvalidInput": teg.ErrInvalidInput,
	"ErrKeyReused": teg.ErrKeyReused, "ErrTooManyRefusals": teg.ErrTooManyRefusals, "ErrOverloaded": teg.ErrOverloaded, "ErrUnavailable": teg.ErrUnavailable,
	"ErrOutcomeUnknown": teg.ErrOutcomeUnknown, "ErrNoVerifier": teg.ErrNoVerifier, "ErrPolicyDenied": teg.ErrPolicyDenied, "ErrUndecided": teg.ErrUndecided,
	"ErrNotInTree": teg.ErrNotInTree, "ErrLogForked": teg.ErrLogForked, "ErrClosed": teg.ErrClosed, "ErrInternal": teg.ErrInternal,
	"ErrEvidenceMismatch": teg.ErrEvidenceMismatch,
}

// Every sentinel has a rule of its own, and says what to do unless nothing would help.
func TestEverySentinelIsExplained(t *testing.T) {
	t.Parallel()
	tree, err := parser.ParseFile(token.NewFileSet(), "errors.go", nil, 0)
	require.NoError(t, err)
	ast.Inspect(tree, func(n ast.Node) bool {
		if spec, is := n.(*ast.ValueSpec); is && strings.HasPrefix(spec.Names[0].Name, "Err") {
			require.Contains(t, sentinels, spec.Names[0].Name)
		}
		return true
	})
	rules := map[string]string{}
	hopeless := []string{"ErrInvalidState", "ErrSignalApplied", "ErrLogForked"}
	for name, sentinel := range sentinels {
		x := teg.Explain(fmt.Errorf("somewhere: %w", sentinel))
		require.Empty(t, rules[x.Rule], "%s has the rule of another", name)
		rules[x.Rule] = name
		require.Equal(t, teg.CodeOf(sentinel), x.Code)
		require.NotEmpty(t, x.Message)
		require.Equal(t, slices.Contains(hopeless, name), len(x.WouldPass) == 0, name)
		require.Equal(t, -1, x.Index)
	}
}

func TestExplainNothingAndWhatIsForeign(t *testing.T) {
	t.Parallel()
	require.Equal(t, teg.Explanation{Index: -1}, teg.Explain(nil))
	x := teg.Explain(errors.New("password of the database"))
	require.Equal(t, "service.fault", x.Rule)
	require.NotContains(t, x.Message, "password")
	x = teg.Explain(fmt.Errorf("%w: password of the database", teg.ErrUnavailable))
	require.NotContains(t, x.Message, "password")
	require.Equal(t, "docs/explain.md#service", x.See())
}

// rulesOf gathers the rules that the source names, and where.
func rulesOf(t *testing.T) map[string]string {
	t.Helper()
	named := regexp.MustCompile(`(?:By\(|\bRule(?:, x\.[A-Za-z]+)*,? = |^\t\{[Ee]rr[A-Za-z]+, )"([a-z]+\.[a-z]+)"`)
	found := map[string]string{}
	require.NoError(t, filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name)
		for line := range strings.Lines(string(text)) {
			for _, match := range named.FindAllStringSubmatch(line, -1) {
				found[match[1]] = name
			}
		}
		return err
	}))
	return found
}

// documentedRules are those of docs/explain.md, with the figures that it promises.
func documentedRules(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../docs/explain.md")
	require.NoError(t, err)
	row, figure := regexp.MustCompile("(?m)^\\| `([a-z]+\\.[a-z]+)` \\|[^|]*\\|([^|]*)\\|"), regexp.MustCompile("`([A-Za-z_]+)`")
	rules := map[string][]string{}
	for _, match := range row.FindAllStringSubmatch(string(text), -1) {
		var figures []string
		for _, each := range figure.FindAllStringSubmatch(match[2], -1) {
			figures = append(figures, each[1])
		}
		rules[match[1]] = figures
	}
	return rules
}

// The documentation lists every rule, under the heading that an explanation points to.
func TestEveryRuleIsDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/explain.md")
	require.NoError(t, err)
	documented := documentedRules(t)
	found := rulesOf(t)
	require.Greater(t, len(found), 60)
	for rule, where := range found {
		require.Contains(t, documented, rule, "%s refuses by it", where)
		family, _, _ := strings.Cut(rule, ".")
		require.Contains(t, string(text), "\n## "+family+"\n")
	}
	for rule := range documented {
		require.Contains(t, found, rule, "nothing refuses by it")
	}
}

// Whatever refuses the refused acts of the other tests has a rule, with the figures that
// the documentation promises; a refusal that is remembered has the same ones.
func TestEveryRefusalIsExplained(t *testing.T) {
	t.Parallel()
	documented := documentedRules(t)
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		w := newWorld(t, open(t))
		for _, a := range slices.Concat(repeatedBootstraps, refused, refusedStakes, refusedAttestations, refusedDisputes, refusedDebtors, refusedBootstraps) {
			if a.refusal == nil || a.unasked {
				continue
			}
			s := w.scene(a.prepare)
			_, err := a.act(limited(t), s)
			require.ErrorIs(t, err, a.refusal, a.name)
			first := teg.Explain(err)
			require.Contains(t, documented, first.Rule, a.name)
			require.Equal(t, teg.CodeOf(err), first.Code, a.name)
			require.Equal(t, err.Error(), first.Message, a.name)
			for _, figure := range first.Figures {
				require.Contains(t, documented[first.Rule], figure.Name, "%s, by %s", a.name, first.Rule)
				require.NotEmpty(t, figure.Value, "%s of %s", figure.Name, a.name)
			}
			if _, err = a.act(limited(t), s); !teg.Replayed(err) {
				continue
			}
			again := teg.Explain(err)
			require.True(t, again.Replayed)
			require.Len(t, again.WouldPass, len(first.WouldPass)+1, a.name)
			require.Equal(t, first.WouldPass, again.WouldPass[:len(first.WouldPass):len(first.WouldPass)], a.name)
			again.Replayed, again.WouldPass = false, first.WouldPass
			require.Equal(t, first, again, a.name)
		}
	})
}

// wayTo is the way of an explanation that bounds a field.
func wayTo(t require.TestingT, x teg.Explanation, field string) teg.Way {
	at := slices.IndexFunc(x.WouldPass, func(w teg.Way) bool { return w.Field == field })
	require.GreaterOrEqual(t, at, 0, "%s: no way bounds %s: %v", x.Rule, field, x.WouldPass)
	return x.WouldPass[at]
}

// What is said to pass passes, and one unit more does not: the amounts of transfers, holds
// and elements of batches, under fees of all forms.
func TestWhatWouldPassPasses(t *testing.T) {
	t.Parallel()
	fees := []ledger.Fees{
		{}, {Fixed: teg.AVT("0.001")}, {Percentage: teg.Percent(3)}, {Fixed: teg.AVT("0.5"), Percentage: teg.Percent(10), Max: teg.AVT("2"), HasMax: true},
		{Percentage: teg.Percent(100), Max: teg.AVT("7"), HasMax: true}, {Percentage: teg.Percent(100)},
	}
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		var engines []*teg.Engine
		for _, f := range fees {
			eng := tegtest.Over(t, open(t), tegtest.WithTerms(teg.Terms{Fees: f, MinTransfer: teg.AVT("0.01")}))
			tegtest.Fund(t, eng, "did:example:bob", "0")
			engines = append(engines, eng)
		}
		turn := 0
		rapid.Check(t, func(rt *rapid.T) {
			turn++
			eng := rapid.SampledFrom(engines).Draw(rt, "fees")
			has := amount.FromUnits(rapid.Uint64Range(0, 18e18).Draw(rt, "has")) // less than is asked for
			payer := tegtest.Fund(t, eng, fmt.Sprintf("did:example:payer-%d", turn), has.String())
			for _, act := range paying(eng, payer, teg.Agent("did:example:bob")) {
				tryHighest(rt, act)
			}
		})
	})
}

// paying are the acts by which an agent pays an amount, as dry runs.
func paying(eng *teg.Engine, from, to teg.DID) []func(teg.Amount) error {
	ctx, dry := context.Background(), eng.Dry()
	return []func(teg.Amount) error{
		func(a teg.Amount) error {
			_, err := dry.Transfer(ctx, teg.TransferParams{From: from, To: to, Amount: a})
			return err
		},
		func(a teg.Amount) error {
			_, err := dry.Hold(ctx, teg.HoldParams{From: from, To: to, Amount: a})
			return err
		},
		func(a teg.Amount) error {
			_, err := dry.TransferBatch(ctx, teg.BatchParams{From: from, Atomic: true, Transfers: []teg.BatchTransfer{{To: to, Amount: a}}})
			return err
		},
	}
}

// tryHighest asks for too much, and then for what would have passed.
func tryHighest(rt *rapid.T, act func(teg.Amount) error) {
	err := act(teg.AVT("20"))
	require.ErrorIs(rt, err, teg.ErrInsufficientBalance)
	x := teg.Explain(err)
	at := slices.IndexFunc(x.WouldPass, func(w teg.Way) bool { return strings.HasSuffix(w.Field, "amount") })
	if at < 0 { // then the smallest amount there is does not pass either
		require.Error(rt, act(teg.AVT("0.01")))
		return
	}
	require.Equal(rt, teg.AtMost, x.WouldPass[at].Bound)
	most := teg.AVT(x.WouldPass[at].Value)
	require.NoError(rt, act(most))
	more, err := most.Add(amount.FromUnits(1))
	require.NoError(rt, err)
	require.ErrorIs(rt, act(more), teg.ErrInsufficientBalance)
}

// The same for what is no payment, each at a rule of its own.
func TestOtherWaysPass(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		clock := tegtest.NewClock()
		eng := tegtest.Over(t, open(t), tegtest.WithClock(clock), tegtest.WithStaking(func(terms *teg.StakingTerms) { terms.MinStake = teg.AVT("3") }))
		ctx := limited(t)
		alice, bob := tegtest.Fund(t, eng, "did:example:alice", "100"), tegtest.Fund(t, eng, "did:example:bob", "0")
		pass := func(rule, field string, tooMuch error, act func(value string) error) {
			t.Helper()
			x := teg.Explain(tooMuch)
			require.Equal(t, rule, x.Rule)
			require.NoError(t, act(wayTo(t, x, field).Value), rule)
		}

		stake := func(sum string) error {
			_, err := eng.Stake(ctx, teg.StakeParams{By: alice, Amount: teg.AVT(sum)})
			return err
		}
		pass("stake.minimum", "amount", stake("1"), stake)
		staked, err := eng.Stake(ctx, teg.StakeParams{By: alice, Amount: teg.AVT("10")})
		require.NoError(t, err)
		_, err = eng.Delegate(ctx, teg.DelegateParams{By: alice, StakeID: staked.StakeID, Validator: bob, Amount: teg.AVT("4")})
		require.NoError(t, err)
		unstake := func(sum string) error {
			_, err := eng.Unstake(ctx, teg.UnstakeParams{By: alice, StakeID: staked.StakeID, Amount: teg.AVT(sum)})
			return err
		}
		pass("stake.delegated", "amount", unstake("7"), unstake)

		held, err := eng.Hold(ctx, teg.HoldParams{From: alice, To: bob, Amount: teg.AVT("5"), Term: time.Hour})
		require.NoError(t, err)
		capture := func(sum string) error {
			_, err := eng.Capture(ctx, teg.CaptureParams{By: alice, HoldID: held.HoldID, Amount: teg.AVT(sum)})
			return err
		}
		pass("capture.held", "amount", capture("6"), capture)
		paid, err := eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("5")})
		require.NoError(t, err)
		refund := func(sum string) error {
			_, err := eng.Refund(ctx, teg.RefundParams{By: bob, TransactionID: paid.TransactionID, Amount: teg.AVT(sum)})
			return err
		}
		pass("refund.left", "amount", refund("5.5"), refund)

		_, err = eng.SuspendAgent(ctx, teg.StandingParams{By: tegtest.Admin, Agent: alice, Reason: "x", Duration: time.Hour})
		require.NoError(t, err)
		pass("caller.suspended", "time", stake("3"), func(at string) error {
			next, err := time.Parse(time.RFC3339Nano, at)
			require.NoError(t, err)
			clock.Advance(next.Sub(clock.Now()))
			return stake("3")
		})
	})
}
