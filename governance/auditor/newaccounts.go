package auditor

import (
	"cmp"
	"slices"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

var newAccountsRule = definition{
	code:        NewAccounts,
	description: "min_accounts agents that registered within burst_seconds of each other pay min_amount, or are paid it by, the same agent within window_seconds of that.",
	severity:    Medium,
	thresholds: thresholds{
		count("min_accounts", 10, 2, 200, "new agents"),
		sum("min_amount", "1", "of a payment, so that nobody is named for dust"),
		threshold("burst_seconds", Seconds, Whole(3600), Whole(1), Whole(86_400), "between their registrations"),
		window(86_400, 30*86_400, "from a registration to the payment"),
	},
	start: func() rule { return &newAccounts{} },
}

// newcomers is how many new agents are remembered of one, those that registered
// last.
const newcomers = 256

type newAccounts struct {
	least      int
	amount     amount.Amount
	burst      int64
	window     int64
	registered memory[did.DID, int64]
	hubs       memory[did.DID, []newcomer] // in order of registration
}

// newcomer is a new agent that another has dealt with.
type newcomer struct {
	agent      did.DID
	registered int64
	dealt      int64 // where in the log
}

func (r *newAccounts) set(t thresholds) {
	r.least, r.amount, r.burst, r.window = t.count("min_accounts"), t.sum("min_amount"), t.span("burst_seconds"), t.window()
	r.registered.keep(r.window)
	r.hubs.keep(r.window + r.burst)
}

func (r *newAccounts) reach() int64 { return 2*r.window + r.burst }

func (r *newAccounts) watch(e *Event, now int64, out *reporter) {
	switch e.Kind {
	case Registered:
		*r.registered.of(e.From, now) = now
	case Payment:
		if e.Amount.Less(r.amount) {
			return
		}
		r.deal(e.From, e.To, e, now, out)
		r.deal(e.To, e.From, e, now, out)
	}
}

// deal takes note that an agent dealt with another, who may be new.
func (r *newAccounts) deal(agent, other did.DID, e *Event, now int64, out *reporter) {
	registered := r.registered.find(other, now)
	if registered == nil || now-*registered >= r.window {
		return
	}
	met := r.hubs.of(agent, now)
	if slices.ContainsFunc(*met, func(n newcomer) bool { return n.agent == other && n.registered == *registered }) {
		return
	}
	*met = slices.DeleteFunc(*met, func(n newcomer) bool { return n.agent == other || n.registered <= now-r.window-r.burst })
	at, _ := slices.BinarySearchFunc(*met, *registered+1, func(n newcomer, time int64) int { return cmp.Compare(n.registered, time) })
	*met = slices.Insert(*met, at, newcomer{other, *registered, e.Position})
	*met = (*met)[max(0, len(*met)-newcomers):]
	burst := r.together(*met, *registered)
	if len(burst) >= r.least && out.first(agent, now, now) {
		var dealt []int64
		for _, n := range burst {
			dealt = append(dealt, n.dealt)
		}
		out.add(agent, now, newest(dealt), "dealt with %d agents that had registered within %s of each other, within %s of that",
			len(burst), lasting(r.burst), lasting(r.window))
	}
}

// together returns the largest burst of registrations that one at a time belongs
// to.
func (r *newAccounts) together(met []newcomer, at int64) []newcomer {
	var largest []newcomer
	end := 0
	for i, first := range met {
		for end < len(met) && met[end].registered-first.registered < r.burst {
			end++
		}
		if age := at - first.registered; age >= 0 && age < r.burst && end-i > len(largest) {
			largest = met[i:end]
		}
	}
	return largest
}
