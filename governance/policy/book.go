package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger"
)

// Book is all policies as of one version of the terms. It never changes and is safe
// for concurrent use.
type Book struct {
	version int64
	since   time.Time
	list    []Policy   // in the order of their ids
	read    []*reading // of each
	code    map[string]*Policy
	kinds   map[string]*Policy // active attestation policies, by all that names them
}

// reading is what a version of a policy means. It is found out once: there may be a
// thousand of sixteen kilobytes each, and a change makes a book of them while others
// wait for it.
type reading struct {
	kinds   []string // see Policy.kinds
	sets    []string // see Policy.Sets
	apply   []func(*settings)
	unknown error // why it cannot be told what it sets
}

// NewBook arranges policies, each in its newest version.
func NewBook(list []Policy) *Book { return newBook(list, nil) }

// newBook arranges policies of which some have been read before.
func newBook(list []Policy, known map[ID]*reading) *Book {
	b := &Book{
		list: slices.Clone(list), read: make([]*reading, len(list)), code: make(map[string]*Policy, len(list)), kinds: map[string]*Policy{},
	}
	slices.SortFunc(b.list, func(x, y Policy) int { return ledger.ID(x.ID).Compare(ledger.ID(y.ID)) })
	for i := range b.list {
		p := &b.list[i]
		b.code[p.Code] = p
		if p.Change > b.version {
			b.version, b.since = p.Change, p.UpdatedAt
		}
		if b.read[i] = known[p.ID]; b.read[i] == nil {
			b.read[i] = p.reading()
		}
		for _, name := range b.read[i].kinds {
			b.kinds[name] = p
		}
	}
	return b
}

// readings are those of all policies.
func (b *Book) readings() map[ID]*reading {
	known := make(map[ID]*reading, len(b.list))
	for i := range b.list {
		known[b.list[i].ID] = b.read[i]
	}
	return known
}

// Version is that of the terms: how many changes of policies there have been.
func (b *Book) Version() int64 { return b.version }

// Since is when that version came in force; zero where there are no policies.
func (b *Book) Since() time.Time { return b.since }

// Policies are all policies, in the order in which they were created. The list is not
// to be changed.
func (b *Book) Policies() []Policy { return b.list }

// Policy returns a policy, and whether there is one.
func (b *Book) Policy(id ID) (*Policy, bool) {
	i, found := slices.BinarySearchFunc(b.list, id, func(p Policy, id ID) int { return ledger.ID(p.ID).Compare(ledger.ID(id)) })
	if !found {
		return nil, false
	}
	return &b.list[i], true
}

// Attestation returns the active policy of type attestation whose code is kind, or
// whose parameters name that as their attestation_type, and whether there is one. Its
// level does not matter: it is asked for by name.
func (b *Book) Attestation(kind string) (*Policy, bool) {
	p := b.kinds[kind]
	return p, p != nil
}

// Terms lays over the base what active mandatory policies set.
func (b *Book) Terms(base Terms) Terms {
	base.Version, base.Since = b.version, b.since
	for _, r := range b.read {
		for _, apply := range r.apply {
			apply(&settings{terms: &base})
		}
	}
	return base
}

// Sets are the names of the parameters of the terms that policies set, in order.
func (b *Book) Sets() (names []string) {
	for i := range b.list {
		if b.list[i].setsTerms() {
			names = append(names, b.read[i].sets...)
		}
	}
	slices.Sort(names)
	return names
}

// Unknown says which policy in force this program cannot read, since another version of
// it wrote that: the terms are not known then. It is nil where all can be read.
func (b *Book) Unknown() error {
	for i, r := range b.read {
		if r.unknown != nil {
			return fmt.Errorf("the policy %s, which is in force, is not known to this program: %w", b.list[i].Code, r.unknown)
		}
	}
	return nil
}

// reading finds out what the policy means. Parameters that were parsed are always
// understood; those of a newer program may not be, and then the policy sets nothing.
func (p *Policy) reading() *reading {
	r := &reading{kinds: p.kinds(), sets: p.Sets()}
	if p.Enforced() && p.setsTerms() {
		_, r.apply, r.unknown = readParameters(p.Type, []byte(p.Parameters))
	}
	return r
}

// setsTerms reports whether a policy of this type sets terms, where it is enforced.
func (p *Policy) setsTerms() bool { return p.Type == Economic || p.Type == Dispute }

// Put takes a new policy, or another version of one, in: it returns it with the numbers
// of its version and its change, and the book as it is then.
//
// It is refused with [ledger.ErrAlreadyExists] where another policy has its code, or an
// active mandatory one of its type sets what it would set too, or another active one is
// asked for by the same attestation type; and with [ledger.ErrInvalidState] beyond
// [MaxPolicies].
func (b *Book) Put(p Policy) (*Book, Policy, error) {
	before, known := b.Policy(p.ID)
	if same := b.code[p.Code]; same != nil && same.ID != p.ID {
		return nil, p, exists("policy_code", "another policy has this code; codes are never used again")
	}
	if !known && len(b.list) >= MaxPolicies {
		return nil, p, ledger.Refuse(ledger.ErrInvalidState, "there are %d policies, and no more are possible", MaxPolicies).
			By("policy.room", ledger.Count("policies", len(b.list)), ledger.Count("maximum", MaxPolicies)).Unless(ledger.Do("Change a policy that is there."))
	}
	if err := b.clash(&p); err != nil {
		return nil, p, err
	}
	p.Version, p.Change = 1, b.version+1
	next, read := slices.Clone(b.list), b.readings()
	if known {
		p.Version = before.Version + 1
		next = slices.DeleteFunc(next, func(q Policy) bool { return q.ID == p.ID })
		delete(read, p.ID)
	}
	return newBook(append(next, p), read), p, nil
}

// clash refuses what two policies would decide at once.
func (b *Book) clash(p *Policy) error {
	kinds, sets := p.kinds(), p.Sets()
	for i := range b.list {
		q := &b.list[i]
		if q.ID == p.ID {
			continue
		}
		if name, found := common(kinds, b.read[i].kinds); found {
			return exists("parameters.attestation_type", "attestations of type %s go by the policy %s", name, q.Code)
		}
		if name, found := common(sets, b.read[i].sets); found && q.Type == p.Type {
			return exists("parameters."+name, "the policy %s sets this already; change or deactivate that one", q.Code)
		}
	}
	return nil
}

func exists(field, format string, args ...any) error {
	refusal := ledger.Refuse(ledger.ErrAlreadyExists, format, args...)
	refusal.Field = field
	return refusal
}

func common(a, b []string) (string, bool) {
	for _, name := range a {
		if slices.Contains(b, name) {
			return name, true
		}
	}
	return "", false
}

// kinds are the names by which attestations ask for the policy.
func (p *Policy) kinds() []string {
	if !p.Active || p.Type != Attestation {
		return nil
	}
	var named struct {
		As string `json:"attestation_type"`
	}
	err := json.Unmarshal([]byte(p.Parameters), &named) // the rest, which may be a long schema, says nothing of it
	if err != nil || named.As == "" || named.As == p.Code {
		return []string{p.Code}
	}
	return []string{p.Code, named.As}
}

// Sets are the names of what the policy sets for everybody while it is enforced, in
// order: parameters, and of rules CODE.enabled, CODE.thresholds.NAME and the like.
func (p *Policy) Sets() []string {
	if !p.Enforced() || p.Type == Attestation {
		return nil
	}
	if p.Type == Auditor {
		changes, _ := p.Rules() // what was parsed can be read
		names := ruleNames(changes)
		slices.Sort(names)
		return names
	}
	return given(p.Parameters)
}
