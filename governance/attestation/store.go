package attestation

import (
	"time"

	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Need is what operations must have loaded of attestations. Submissions and turns are
// loaded under the lock of their agent's available row, budgets under that of the
// treasury's first row. Its slices hold no duplicates.
type Need struct {
	Submissions []SubmissionID
	Scopes      []ledger.ID // what stands of which: of what failed there may be any number
	Turns       []Pair
	Since       time.Time   // after which an agent's submissions are counted
	Budgets     []policy.ID // what their rewards have come to
}

// Empty reports whether nothing is needed.
func (n *Need) Empty() bool {
	return len(n.Submissions)+len(n.Scopes)+len(n.Turns)+len(n.Budgets) == 0
}

// Pair is an agent and a policy for which it hands something in.
type Pair struct {
	Agent  did.DID
	Policy policy.ID
}

// Turn is what an agent has handed in lately.
type Turn struct {
	Pair
	Last   time.Time // when the last that stands was handed in for the policy; zero: never
	Handed int       // for all policies, since the moment that was asked for
}

// Rows is what was loaded.
type Rows struct {
	Submissions []Submission // some perhaps twice
	Turns       []Turn       // one for each that was asked for
	Budgets     []Budget     // of policies that have paid
}

// Changes is what a group decided.
type Changes struct {
	Made       []Submission // new ones
	Changed    []Submission // loaded ones, as they are now
	Steps      []Step
	NewBudgets []Budget
	Budgets    []Budget
	Circuits   []Circuit // new ones
}

// Empty reports whether there is nothing to write.
func (c *Changes) Empty() bool {
	return len(c.Made)+len(c.Changed)+len(c.Steps)+len(c.NewBudgets)+len(c.Budgets)+len(c.Circuits) == 0
}

// Query selects submissions, newest first. Zero fields select everything.
type Query struct {
	IDs      []SubmissionID // these, whatever else is asked
	Agent    did.DID
	Policy   policy.ID
	Status   Status
	Storage  Storage      // those of which this is known; zero: all
	Payable  bool         // those whose reward is owed and waits for no storage
	After    SubmissionID // only older ones than this: the cursor; newer ones where OldFirst is set
	Offset   int64
	Limit    int
	OldFirst bool
	Count    int64 // count up to so many matches; 0 counts nothing
}
