package teg

import (
	"cmp"
	"context"
	"encoding/json"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// MaxRuleChanges is how many changes of rules are made at once.
const MaxRuleChanges = 100

// SetRulesParams asks to change rules of the auditor.
type SetRulesParams struct {
	By      DID
	Changes []RuleChange // 1 to [MaxRuleChanges]; all of them are made, or none
	Key     string       // idempotency key
	DryRun  bool
}

// RulesReceipt is all rules, as they were set right after a change.
type RulesReceipt struct {
	Rules    []Rule
	Replayed bool
}

// SetRules changes rules of the auditor, and returns all of them. The change is an
// event of the log: it is in force for what is committed after it, in every process
// and in every replay. What a host's transaction changes is in force once that is in
// the log.
//
// Errors: [*RuleChangeError], which wraps [ErrInvalidInput], [ErrSuspended] for the
// one who acts.
func (e *Engine) SetRules(ctx context.Context, p SetRulesParams) (RulesReceipt, error) {
	if err := check(checkKey(p.Key), named("by", p.By), CheckRuleChanges(p.Changes)); err != nil {
		return RulesReceipt{}, err
	}
	op, err := e.administrative(ctx, p.By, store.VerbSetRules, p.DryRun)
	if err != nil {
		return RulesReceipt{}, err
	}
	op.intend(intentsOf(p.Changes)...)
	told := make([]string, len(p.Changes))
	for i := range p.Changes {
		told[i] = string(auditor.EncodeChange(&p.Changes[i]))
	}
	op.mark = markKey(p.By, store.VerbSetRules, p.Key, told...)
	pack, err := e.settings(ctx) // once it is done, nothing may fail any more
	if err != nil {
		return RulesReceipt{}, err
	}
	return perform(e, op, func(d *decision) (RulesReceipt, []ledger.ID, error) {
		d.record(act{action: store.VerbSetRules.String(), rules: p.Changes})
		event := d.changes.Events[len(d.changes.Events)-1].ID
		err := pack.Configure(p.Changes)
		return RulesReceipt{Rules: pack.Settings()}, []ledger.ID{ledger.ID(event)}, err
	}, func(r store.Record) (RulesReceipt, error) { return e.recallRules(ctx, r, p.Changes) })
}

// intentsOf tells of the rules that are to change, each for itself.
func intentsOf(changes []RuleChange) []Intent {
	intents := make([]Intent, len(changes))
	for i := range changes {
		intents[i] = Intent{Name: string(changes[i].Code), Batch: len(changes) > 1}
	}
	return intents
}

// recallRules is the rules as they were after an earlier change.
func (e *Engine) recallRules(ctx context.Context, r store.Record, changes []RuleChange) (RulesReceipt, error) {
	if len(r.Subjects) != 1 {
		return RulesReceipt{}, ErrInternal
	}
	pack, reached := auditor.NewPack(), false
	err := e.ruleChanges(ctx, e.reader(), func(event *store.Event, changes []RuleChange) {
		if !reached {
			e.configure(pack, changes)
		}
		reached = reached || ledger.ID(event.ID) == r.Subjects[0]
	})
	if err == nil && !reached { // it was made in a host's transaction, and waits for its place in the log
		err = pack.Configure(changes)
	}
	return RulesReceipt{Rules: pack.Settings(), Replayed: true}, err
}

// CheckRuleChanges refuses what [Engine.SetRules] refuses of changes, which does not
// depend on how the rules are set.
func CheckRuleChanges(changes []RuleChange) error {
	if len(changes) < 1 || len(changes) > MaxRuleChanges {
		return ledger.Invalid("rules", "from 1 to %d changes", MaxRuleChanges)
	}
	return auditor.NewPack().Configure(changes)
}

// setsRules are the actions of events that may change rules: a policy can say how they
// are set.
var setsRules = []string{store.VerbSetRules.String(), store.VerbPutPolicy.String()}

// ruleChanges visits all changes of rules in the log. There is an index by which they
// are found.
func (c *core) ruleChanges(ctx context.Context, reader store.EventReader, visit func(event *store.Event, changes []RuleChange)) error {
	var from int64
	for {
		events, next, err := reader.Follow(ctx, from, logPage, setsRules...)
		if err != nil {
			return outward(err)
		}
		for i := range events {
			visit(&events[i], c.ruleChangesOf(&events[i]))
		}
		if from = next; len(events) < logPage {
			return nil
		}
	}
}

// configure makes changes that have been made before. What this program does not know
// of them is left out: another version wrote it.
func (c *core) configure(pack *auditor.Pack, changes []RuleChange) {
	for i := range changes {
		if err := pack.Configure(changes[i : i+1]); err != nil {
			c.config.Logger.Debug("a change of the auditor's rules in the log is not known to this program; it is left out", "error", err)
		}
	}
}

// ruleChangesOf are the changes that an event made, as far as this program can read
// them.
func (c *core) ruleChangesOf(event *store.Event) []RuleChange {
	changes, err := decodeRuleChanges(event)
	if err != nil {
		c.config.Logger.Warn("a change of the auditor's rules in the log cannot be read by this program; it is left out", "event", event.ID, "error", err)
	}
	return changes
}

// decodeRuleChanges reads each change that it can, and tells of the first that it cannot.
func decodeRuleChanges(event *store.Event) (changes []RuleChange, fault error) {
	var body struct {
		Rules []json.RawMessage `json:"rules"`
	}
	if err := json.Unmarshal(event.Body, &body); err != nil {
		return nil, err
	}
	for _, text := range body.Rules {
		change, err := auditor.DecodeChange(text)
		if err != nil {
			fault = cmp.Or(fault, err)
			continue
		}
		changes = append(changes, change)
	}
	return changes, fault
}
