package policy_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/staking"
)

func base() policy.Terms {
	return policy.Terms{
		Ledger:  ledger.Terms{Fees: ledger.Fees{Fixed: amount.MustParse("0.001")}, MinTransfer: amount.MustParse("0.01")},
		Staking: staking.Terms{MinStake: amount.MustParse("1")}, Reputation: reputation.DefaultTerms(), Dispute: dispute.DefaultTerms(),
	}
}

func mandatory(parameters string) policy.Edit {
	return policy.Edit{Level: at(policy.Mandatory), Parameters: &parameters}
}

func TestTermsAreTheBaseAndWhatIsEnforced(t *testing.T) {
	none := policy.NewBook(nil)
	require.Equal(t, base(), none.Terms(base()))
	one, fees, err := none.Put(created(t, 1, "fees", policy.Economic, mandatory(`{"transfer_fee":"2","max_transfer_amount":"9"}`)))
	require.NoError(t, err)
	require.EqualValues(t, 1, fees.Version)
	require.EqualValues(t, 1, fees.Change)
	terms := one.Terms(base())
	require.Equal(t, amount.MustParse("2"), terms.Ledger.Fees.Fixed)
	require.Equal(t, amount.MustParse("9"), terms.Ledger.MaxTransfer)
	require.EqualValues(t, 1, terms.Version)
	require.Equal(t, fees.UpdatedAt, terms.Since)
	require.Equal(t, base(), none.Terms(base()), "a book never changes")

	advisory := created(t, 2, "advice", policy.Economic, policy.Edit{Level: at(policy.Advisory), Parameters: at(`{"transfer_fee":"3"}`)})
	two, _, err := one.Put(advisory)
	require.NoError(t, err)
	require.Equal(t, amount.MustParse("2"), two.Terms(base()).Ledger.Fees.Fixed)
	require.EqualValues(t, 2, two.Terms(base()).Version)

	off, err := fees.Deactivated(admin, start.Add(time.Hour))
	require.NoError(t, err)
	three, off, err := two.Put(off)
	require.NoError(t, err)
	require.EqualValues(t, 2, off.Version)
	require.EqualValues(t, 3, off.Change)
	terms = three.Terms(base())
	terms.Version, terms.Since = 0, time.Time{}
	require.Equal(t, base(), terms)
}

func TestEverythingThatPoliciesSet(t *testing.T) {
	b, _, err := policy.NewBook(nil).Put(created(t, 1, "all", policy.Economic, mandatory(`{"transfer_fee":"1","transfer_fee_percentage":2,
		"transfer_fee_max":"3","fee_split":"burn=0.1","min_transfer_amount":"4","max_transfer_amount":"50","onboarding_grant":"51","min_stake_amount":"6",
		"staking_reward_rate":"0.07","reward_issuance":true,"unstaking_period":"8h","slashing_enabled":true,"slash_delegations":true,
		"reputation_signal":9,"reputation_avtp_success":10,"reputation_avtp_failure_provider":-11,"reputation_avtp_failure_consumer":-12,
		"reputation_critical_flag":-13,"reputation_attestation":15,"reward_min_reputation":16,"reputation_dispute_lost":-15,"reputation_dispute_won":16,"signal_pair_limit":14}`)))
	require.NoError(t, err)
	b, _, err = b.Put(created(t, 2, "disputes", policy.Dispute, mandatory(`{"dispute_window":"1d","dispute_filing_fee":"2","dispute_bond":"3",
		"dispute_open_period":"4d","dispute_review_period":"5d","dispute_arbitration_period":"6d"}`)))
	require.NoError(t, err)
	const day = 24 * time.Hour
	want := policy.Terms{
		Version: 2, Since: b.Since(),
		Ledger: ledger.Terms{
			Fees: ledger.Fees{
				Fixed: amount.MustParse("1"), Percentage: amount.Percent(2), Max: amount.MustParse("3"), HasMax: true,
				Split: ledger.Split{Burn: amount.Percent(10)},
			}, MinTransfer: amount.MustParse("4"), MaxTransfer: amount.MustParse("50"), OnboardingGrant: amount.MustParse("51"),
		},
		Staking: staking.Terms{
			MinStake: amount.MustParse("6"), RewardRate: amount.Percent(7), IssueRewards: true, UnstakingPeriod: 8 * time.Hour, Slashing: true, SlashDelegated: true,
		},
		Reputation: reputation.Terms{Signal: 9, Success: 10, FailureProvider: -11, FailureConsumer: -12, CriticalFlag: -13, DisputeLost: -15, DisputeWon: 16, SignalPairLimit: 14, Attested: 15, RewardFrom: at(16)},
		Dispute: dispute.Terms{
			Window: day, FilingFee: amount.MustParse("2"), Bond: amount.MustParse("3"), Open: 4 * day, Review: 5 * day, Arbitration: 6 * day,
		},
	}
	require.Equal(t, want, b.Terms(base()))
	require.NoError(t, at(b.Terms(base())).Check())
	again := want
	for i, of := range []policy.Type{policy.Economic, policy.Dispute} { // what is shown sets the same
		b, _, err := policy.NewBook(nil).Put(created(t, byte(i+1), "again", of, mandatory(want.Values(of))))
		require.NoError(t, err)
		require.Len(t, b.Policies()[0].Sets(), len(policy.Parameters(of)))
		again = b.Terms(again)
	}
	again.Version, again.Since = want.Version, want.Since
	require.Equal(t, want, again)
	require.Equal(t, "{}", want.Values(policy.Attestation))
	free := base()
	require.Contains(t, free.Values(policy.Economic), `"max_transfer_amount":null`)
}

func TestTwoPoliciesThatClash(t *testing.T) {
	first := created(t, 1, "first", policy.Economic, mandatory(`{"transfer_fee":"1"}`))
	b, first, err := policy.NewBook(nil).Put(first)
	require.NoError(t, err)
	b, _, err = b.Put(created(t, 2, "pricing", policy.Attestation, mandatory(`{"attestation_type":"markup"}`)))
	require.NoError(t, err)
	b, _, err = b.Put(created(t, 3, "rules", policy.Auditor, mandatory(`{"rules":[{"code":"LARGE_TRANSFER","enabled":true}]}`)))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		policy policy.Policy
		field  string // empty: there is no clash
	}{
		"a code of its own":         {created(t, 9, "first", policy.Dispute, mandatory(`{}`)), "policy_code"},
		"a parameter":               {created(t, 9, "x", policy.Economic, mandatory(`{"min_transfer_amount":1,"transfer_fee":"1"}`)), "parameters.transfer_fee"},
		"another parameter":         {created(t, 9, "x", policy.Economic, mandatory(`{"min_transfer_amount":1}`)), ""},
		"advice":                    {created(t, 9, "x", policy.Economic, policy.Edit{Level: at(policy.Advisory), Parameters: at(`{"transfer_fee":1}`)}), ""},
		"itself":                    {first, ""},
		"a type of attestation":     {created(t, 9, "x", policy.Attestation, mandatory(`{"attestation_type":"markup"}`)), "parameters.attestation_type"},
		"a code that is a type":     {created(t, 9, "markup", policy.Attestation, mandatory(`{}`)), "parameters.attestation_type"},
		"a type that is a code":     {created(t, 9, "x", policy.Attestation, mandatory(`{"attestation_type":"pricing"}`)), "parameters.attestation_type"},
		"what a rule is set to":     {created(t, 9, "x", policy.Auditor, mandatory(`{"rules":[{"code":"LARGE_TRANSFER","enabled":false}]}`)), "parameters.LARGE_TRANSFER.enabled"},
		"something else of a rule":  {created(t, 9, "x", policy.Auditor, mandatory(`{"rules":[{"code":"LARGE_TRANSFER","severity":"HIGH"}]}`)), ""},
		"a parameter of other type": {created(t, 9, "x", policy.Dispute, mandatory(`{"dispute_bond":1}`)), ""},
	} {
		_, _, err := b.Put(c.policy)
		if c.field == "" {
			require.NoError(t, err, name)
			continue
		}
		require.Equal(t, c.field, field(t, err, ledger.ErrAlreadyExists), name)
	}
	for _, kind := range []string{"pricing", "markup"} {
		p, found := b.Attestation(kind)
		require.True(t, found)
		require.Equal(t, "pricing", p.Code)
		off, err := p.Deactivated(admin, start.Add(time.Hour))
		require.NoError(t, err)
		without, _, err := b.Put(off)
		require.NoError(t, err)
		_, found = without.Attestation(kind)
		require.False(t, found)
	}
	_, found := b.Attestation("first")
	require.False(t, found, "it is of another type")
}

func TestThereIsAnEndToPolicies(t *testing.T) {
	var list []policy.Policy
	for i := range policy.MaxPolicies {
		p := created(t, 1, "x", policy.Dispute, mandatory(`{}`))
		p.ID, p.Code, p.Change = policy.ID{1, byte(i >> 8), byte(i)}, policy.ID{byte(i >> 8), byte(i), 1}.String(), int64(i+1)
		list = append(list, p)
	}
	full := policy.NewBook(list)
	_, _, err := full.Put(created(t, 9, "one_more", policy.Dispute, mandatory(`{}`)))
	require.ErrorIs(t, err, ledger.ErrInvalidState)
	_, _, err = full.Put(list[7])
	require.NoError(t, err)
}

// Whatever is done to policies, in whatever order: the terms are what a reader computes
// who lays each enforced policy over the base one after the other, in any order, and a
// book that is made again from what is kept is the same.
func TestOverlayIsTheSameInAnyOrder(t *testing.T) {
	values := []string{`{"transfer_fee":"1"}`, `{"transfer_fee":"2","min_stake_amount":"3"}`, `{"min_stake_amount":"4"}`, `{"signal_pair_limit":5}`, `{}`}
	rapid.Check(t, func(t *rapid.T) {
		b := policy.NewBook(nil)
		for n := range rapid.IntRange(1, 12).Draw(t, "changes") {
			e := policy.Edit{Name: at("n"), Level: at(policy.Level(rapid.IntRange(1, 2).Draw(t, "level"))), Parameters: at(rapid.SampledFrom(values).Draw(t, "parameters"))}
			id := policy.ID{byte(rapid.IntRange(1, 5).Draw(t, "policy"))}
			when := start.Add(time.Duration(n) * time.Second)
			p, known := b.Policy(id)
			var next policy.Policy
			var err error
			switch {
			case !known:
				next, err = policy.New(id, id.String(), policy.Economic, e, admin, when)
			case rapid.Bool().Draw(t, "ends"):
				next, err = p.Deactivated(admin, when)
			default:
				next, err = p.Edited(e, admin, when)
			}
			if err != nil {
				continue
			}
			after, put, err := b.Put(next)
			if err != nil {
				continue
			}
			if put.Change != b.Version()+1 || known && put.Version != p.Version+1 || after.Version() != put.Change {
				t.Fatalf("numbers with gaps: %+v after %d", put, b.Version())
			}
			b = after
		}
		shuffled := rapid.Permutation(b.Policies()).Draw(t, "order")
		if policy.NewBook(shuffled).Terms(base()) != b.Terms(base()) {
			t.Fatal("the order matters")
		}
		byHand := base()
		for i := range shuffled {
			byHand = policy.NewBook(shuffled[i : i+1]).Terms(byHand)
		}
		byHand.Version, byHand.Since = b.Version(), b.Since()
		if byHand != b.Terms(base()) {
			t.Fatal("one at a time they come to something else")
		}
	})
}

// What the configuration asks of a score a policy can take away.
func TestNoReputationIsAskedFor(t *testing.T) {
	configured := base()
	configured.Reputation.RewardFrom = at(40)
	b, _, err := policy.NewBook(nil).Put(created(t, 1, "all", policy.Economic, mandatory(`{"reward_min_reputation":null}`)))
	require.NoError(t, err)
	require.Nil(t, b.Terms(configured).Reputation.RewardFrom)
	require.Equal(t, 40, *configured.Reputation.RewardFrom)
}

// A change costs the same, however much the other policies say: others wait for it.
func TestAChangeReadsNoOtherPolicy(t *testing.T) {
	const others = 100
	said := `{"data_schema":{"enum":[` + strings.Repeat("0,", 1000) + `0]}}`
	list := make([]policy.Policy, others)
	for i := range list {
		list[i] = created(t, byte(i+1), "p"+strconv.Itoa(i), policy.Attestation, mandatory(said))
		list[i].Change = int64(i + 1)
	}
	b, p := policy.NewBook(list), created(t, others+1, "fees", policy.Economic, mandatory(`{"transfer_fee":"1"}`))
	spent := testing.AllocsPerRun(1, func() {
		next, _, err := b.Put(p)
		require.NoError(t, err)
		require.Equal(t, amount.MustParse("1"), next.Terms(base()).Ledger.Fees.Fixed)
	})
	require.Less(t, spent, 10.0*others, "a schema of a thousand values takes more than a thousand to read")
}

// What another version of the program wrote is not left out in silence.
func TestParametersOfAnotherProgram(t *testing.T) {
	p := created(t, 1, "fees", policy.Economic, mandatory(`{"transfer_fee":"1"}`))
	require.NoError(t, policy.NewBook([]policy.Policy{p}).Unknown())
	p.Parameters = `{"transfer_fee":"1","toll":"2"}`
	require.ErrorContains(t, policy.NewBook([]policy.Policy{p}).Unknown(), "fees")
	p.Level = policy.Advisory
	require.NoError(t, policy.NewBook([]policy.Policy{p}).Unknown(), "it sets nothing")
}
