package teg

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// RegisterCircuitParams asks to take a circuit in, by which proofs can be verified.
type RegisterCircuitParams struct {
	By           DID
	ID           string   // 1 to 64 letters, digits, and any of . _ : -
	VerifyingKey []byte   // as the verifier of Config.Proofs reads it
	Inputs       []string // names of the public inputs, in their order; one is "binding"
	DryRun       bool
}

// RegisterCircuit takes a circuit in, for ever: there is no way to change it, for proofs
// were verified by it.
//
// Errors: [ErrInvalidInput], also for a key that must not be used, [ErrSuspended] for the
// one who acts, [ErrAlreadyExists], [ErrNoVerifier] where the engine has no Config.Proofs.
func (e *Engine) RegisterCircuit(ctx context.Context, p RegisterCircuitParams) (Circuit, error) {
	if err := named("by", p.By); err != nil {
		return Circuit{}, err
	}
	circuit, err := attestation.NewCircuit(p.ID, p.VerifyingKey, p.Inputs, p.By, e.clock.now())
	if err != nil {
		return Circuit{}, err
	}
	if err := e.checkVerifyingKey(p); err != nil {
		return Circuit{}, err
	}
	op, err := e.administrative(ctx, p.By, store.VerbRegisterCircuit, p.DryRun)
	if err != nil {
		return Circuit{}, err
	}
	key := circuitKey(p.ID)
	op.intend(Intent{Name: p.ID})
	op.need.references = []store.Key{key}
	return perform(e, op, func(d *decision) (Circuit, []ledger.ID, error) {
		if d.references[key] {
			return Circuit{}, nil, &Refusal{Reason: ErrAlreadyExists, Field: "circuit_id", Message: "there is a circuit of this name, and circuits never change"}
		}
		circuit.At = d.now
		d.useReference(key, ledger.ID(d.core.newID()))
		d.attested.Register(circuit)
		d.record(act{action: store.VerbRegisterCircuit.String(), reference: circuitTerms(&circuit), referenceID: circuit.ID})
		return circuit, nil, nil
	}, func(store.Record) (Circuit, error) { return Circuit{}, ErrInternal })
}

// CheckCircuit says what is wrong with a circuit, whatever the verifier says of its key.
func CheckCircuit(id string, key []byte, inputs []string) error {
	_, err := attestation.NewCircuit(id, key, inputs, DID{}, time.Time{})
	return err
}

// circuitKey makes the name of a circuit unique for ever.
func circuitKey(id string) store.Key { return referenceKey(DID{}, store.VerbRegisterCircuit, id) }

func (c *core) checkVerifyingKey(p RegisterCircuitParams) error {
	if c.config.Proofs == nil {
		return ErrNoVerifier
	}
	inputs, err := c.config.Proofs.CheckKey(p.VerifyingKey)
	if err != nil {
		return ledger.Invalid("verifying_key", "%v", err)
	}
	if inputs != len(p.Inputs) {
		return ledger.Invalid("public_input_names", "the key takes %d public inputs", inputs)
	}
	return nil
}

// Circuits returns all circuits, ordered by their ids.
func (e *Engine) Circuits(ctx context.Context) ([]Circuit, error) {
	found, err := e.reader().Circuits(ctx)
	return found, outward(err)
}

// CircuitsQuery selects a page of circuits, in the order in which they were registered.
type CircuitsQuery struct {
	Viewer DID // who asks: a cursor is good for nobody else
	Limit  int // 1 to [MaxLimit]; zero means [DefaultLimit]
	Offset int64
	Cursor string
	Total  bool
}

// CircuitsPage is a page of circuits.
type CircuitsPage struct {
	Circuits   []Circuit
	Total      int64 // −1 where it was not counted
	NextCursor string
}

// CircuitsPage returns a page of circuits. There are as many as administrators have
// registered, which is few.
func (e *Engine) CircuitsPage(ctx context.Context, q CircuitsQuery) (CircuitsPage, error) {
	scope := newCursorScope("circuits", q.Viewer.String())
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(scope)
	if err != nil {
		return CircuitsPage{}, err
	}
	all, err := e.Circuits(ctx)
	if err != nil {
		return CircuitsPage{}, err
	}
	var result CircuitsPage
	result.Total, _ = page.shown(int64(len(all)), false)
	slices.SortFunc(all, func(a, b Circuit) int { return comparePlaces(circuitPlace(&a), circuitPlace(&b)) })
	all = all[min(q.Offset, int64(len(all))):]
	all = slices.DeleteFunc(all, func(c Circuit) bool { return q.Cursor != "" && comparePlaces(circuitPlace(&c), at) <= 0 })
	rows, more := cut(&page, all)
	if more {
		result.NextCursor = scope.cursor(circuitPlace(&rows[len(rows)-1]))
	}
	result.Circuits = rows
	return result, nil
}

// circuitPlace is where a circuit stands in the list: behind those that were registered
// before it.
func circuitPlace(c *Circuit) place {
	return place{seq: c.At.UnixMicro(), id: ledger.ID(circuitKey(c.ID))}
}

func comparePlaces(a, b place) int { return cmp.Or(cmp.Compare(a.seq, b.seq), a.id.Compare(b.id)) }

// circuits remembers circuits, which never change.
type circuits struct {
	mu   sync.RWMutex
	seen map[string]*Circuit
}

// circuit returns a circuit, and whether there is one.
func (e *Engine) circuit(ctx context.Context, id string) (*Circuit, bool, error) {
	e.circuits.mu.RLock()
	seen := e.circuits.seen[id]
	e.circuits.mu.RUnlock()
	if seen != nil {
		return seen, true, nil
	}
	found, err := e.reader().Circuits(ctx, id)
	if err != nil || len(found) == 0 {
		return nil, false, outward(err)
	}
	if e.host == nil { // what a host has not committed may never be
		e.circuits.mu.Lock()
		if e.circuits.seen == nil {
			e.circuits.seen = map[string]*Circuit{}
		}
		e.circuits.seen[id] = &found[0]
		e.circuits.mu.Unlock()
	}
	return &found[0], true, nil
}

// schemas remembers the compiled schema of each policy, of its newest version.
type schemas struct {
	mu   sync.Mutex
	seen map[policy.ID]compiledSchema
}

type compiledSchema struct {
	version int64
	schema  *attestation.Schema
	err     error
}

// of returns the schema of a version of a policy.
func (s *schemas) of(p *policy.Policy, text []byte) (*attestation.Schema, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seen := s.seen[p.ID]; seen.version == p.Version {
		return seen.schema, seen.err
	}
	schema, err := attestation.CompileSchema(text)
	if s.seen == nil {
		s.seen = map[policy.ID]compiledSchema{}
	}
	s.seen[p.ID] = compiledSchema{p.Version, schema, err}
	return schema, err
}
