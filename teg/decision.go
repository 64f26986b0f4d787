package teg

import (
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/store"
)

// decision is one operation being decided within its group: the rows it may
// look at and the ways in which it may change them.
type decision struct {
	*group
	op     *operation
	act    act             // the event of this act, as far as it is known
	posted []TransactionID // by this operation
}

// admit refuses callers who may not start anything, the suspended unless what they ask
// for is allowed to them.
func (d *decision) admit() error {
	caller := d.book.Account(d.op.caller.available)
	if caller == nil {
		return nil // an administrator without a profile, or the system itself
	}
	if d.op.allowed && caller.StatusAt(d.now) == StatusSuspended {
		return nil
	}
	return ledger.CanAct(caller, d.now)
}

// party returns a party's available row, or a refusal when there is none.
func (d *decision) party(field string, id DID, p party) (*ledger.Account, error) {
	if row := d.book.Account(p.available); row != nil && row.Kind == ledger.Available {
		return row, nil
	}
	return nil, &Refusal{Reason: ErrNotFound, Field: field, Message: "no agent " + id.String() + " is registered"}
}

// post carries a posting out. Whoever pays first has its expired holds given
// back to it.
func (d *decision) post(p ledger.Posting) (*ledger.Transaction, error) {
	if err := d.releaseDue(p.Sender, p.Receiver); err != nil {
		return nil, err
	}
	return d.postAs(p)
}

// postAs carries a posting out as part of the act at hand.
func (d *decision) postAs(p ledger.Posting) (*ledger.Transaction, error) {
	tx, err := d.book.Post(d.core.newTransactionID(), d.now, p)
	if err != nil {
		return nil, err
	}
	d.posted = append(d.posted, tx.ID)
	if p.Notes.Message != "" {
		d.act.private = d.keepPrivate(ledger.ID(tx.ID), p.Notes.Message)
	}
	return tx, nil
}

// freeReference refuses a reference that is taken.
func (d *decision) freeReference(verb store.Verb, reference string) error {
	if reference != "" && d.references[referenceKey(d.op.by, verb, reference)] {
		return &Refusal{Reason: ErrAlreadyExists, Field: "reference", Message: "this reference has been used before"}
	}
	return nil
}

// takeReference makes a free reference unique for ever.
func (d *decision) takeReference(verb store.Verb, reference string, subject ledger.ID) {
	if reference == "" {
		return
	}
	d.useReference(referenceKey(d.op.by, verb, reference), subject)
}

func (d *decision) useReference(key store.Key, subject ledger.ID) {
	d.references[key] = true
	d.undo = append(d.undo, func() { delete(d.references, key) })
	d.changes.References = append(d.changes.References, store.Reference{Key: key, Subject: subject})
}

// changeHold alters a loaded hold, and takes that back with everything else.
func (d *decision) changeHold(h ledger.Hold) {
	before := d.holds[h.ID]
	d.holds[h.ID] = &h
	d.undo = append(d.undo, func() { d.holds[h.ID] = before })
	d.changes.Holds = append(d.changes.Holds, h)
}

// agent returns the party of a DID that the operation said may have to be made,
// making it where it does not exist.
func (d *decision) agent(id DID, profile ledger.Agent) party {
	if p := d.agents[id]; p.known() {
		return p
	}
	p := d.reserved[id]
	for kind, account := range map[ledger.Kind]ledger.AccountID{ledger.Available: p.available, ledger.Locked: p.locked} {
		row := ledger.Account{ID: account, Owner: id, Kind: kind, Status: ledger.Active}
		d.book.Open(row)
		d.changes.Opened = append(d.changes.Opened, d.book.Account(account))
	}
	profile.ID, profile.Account, profile.Locked, profile.CreatedAt = id, p.available, p.locked, d.now
	d.changes.Agents = append(d.changes.Agents, profile)
	d.agents[id] = p
	d.undo = append(d.undo, func() { delete(d.agents, id) })
	return p
}

// changeScore changes the score of an agent, which the event of the act will tell.
func (d *decision) changeScore(agent DID, row ledger.AccountID, e reputation.Event) reputation.Event {
	e = d.conduct.Add(row, e)
	d.act.scores = append(d.act.scores, scoreAct{agent, e})
	return e
}

// transactionIDs are the ids of what this operation posted, as the journal
// keeps them.
func (d *decision) transactionIDs() []ledger.ID {
	ids := make([]ledger.ID, len(d.posted))
	for i, id := range d.posted {
		ids[i] = ledger.ID(id)
	}
	return ids
}

// balanceAfter is what the owner of the row at that end of the transaction can
// spend after it.
func balanceAfter(tx *ledger.Transaction, account ledger.AccountID) Amount {
	for _, entry := range tx.Entries {
		if entry.Account == account {
			left, err := entry.BalanceAfter.Amount()
			if err != nil { // an agent's balance is never negative
				return Amount{}
			}
			return left
		}
	}
	return Amount{}
}
