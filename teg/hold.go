package teg

import (
	"context"
	"strconv"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// HoldParams asks to set value aside for a receiver.
type HoldParams struct {
	From      DID           // the payer, and the caller
	To        DID           // who may be paid from it
	Amount    Amount        // set aside together with its fee at the present terms
	Term      time.Duration // until it expires: 1 s to 365 days; zero means 7 days
	VoidBy    Voider        // zero means [VoidByEither]
	Purpose   string        // at most 256 characters
	Reference string        // unique for ever per caller and verb
	Key       string        // idempotency key
	DryRun    bool
}

// HoldReceipt is a hold as it stands after an act upon it.
type HoldReceipt struct {
	HoldID         HoldID
	From, To       DID
	Amount         Amount
	Fee            Amount
	Captured       Amount
	State          HoldState
	VoidBy         Voider
	Purpose        string
	CreatedAt      time.Time
	ExpiresAt      time.Time
	TransactionIDs []TransactionID // of the hold, in order
	Replayed       bool
}

// Hold sets amount and fee aside, from the payer's available balance to its
// locked one, until they are captured, voided or have expired.
//
// Errors: those of [Engine.Transfer]; [ErrInvalidState] also for a payer with
// 1,000 open holds.
func (e *Engine) Hold(ctx context.Context, p HoldParams) (HoldReceipt, error) {
	p.setDefaults()
	if err := p.check(); err != nil {
		return HoldReceipt{}, err
	}
	found, err := e.parties(ctx, p.From, p.To)
	if err != nil {
		return HoldReceipt{}, err
	}
	h := &placing{HoldParams: p, from: found[0], to: found[1]}
	return perform(e, h.operation(ctx), h.decide, func(r store.Record) (HoldReceipt, error) { return e.recallHold(ctx, r) })
}

func (p *HoldParams) setDefaults() {
	if p.Term == 0 {
		p.Term = DefaultHoldTerm
	}
	if p.VoidBy == 0 {
		p.VoidBy = VoidByEither
	}
}

func (p *HoldParams) check() error {
	if p.Term < time.Second || p.Term > MaxHoldTerm {
		return ledger.Invalid("expires_in_seconds", "from 1 to %d", int64(MaxHoldTerm/time.Second))
	}
	if p.VoidBy != VoidByEither && p.VoidBy != VoidByReceiver {
		return ledger.Invalid("void_by", "must be either or receiver")
	}
	return check(
		named("payer_agent_id", p.From), named("receiver_agent_id", p.To), positive("amount", p.Amount),
		validText("purpose", p.Purpose, MaxPurpose), validText("reference", p.Reference, MaxReference), checkKey(p.Key),
	)
}

// placing is a hold being made.
type placing struct {
	HoldParams
	from, to party
}

func (h *placing) operation(ctx context.Context) *operation {
	op := &operation{
		ctx: ctx, verb: store.VerbHold, by: h.From, caller: h.from, request: requestID(ctx), dryRun: h.DryRun,
		parties: []party{h.from, h.to},
		intents: []Intent{{Sender: h.From, Receiver: h.To, Amount: h.Amount, Reference: h.Reference}},
		mark: markKey(h.From, store.VerbHold, h.Key, h.To.String(), h.Amount.String(),
			strconv.FormatInt(int64(h.Term), 10), h.VoidBy.String(), h.Purpose, h.Reference),
	}
	if h.from.known() {
		op.need.accounts = []ledger.AccountID{h.from.locked}
	}
	if h.Reference != "" {
		op.need.references = []store.Key{referenceKey(h.From, store.VerbHold, h.Reference)}
	}
	return op
}

func (h *placing) decide(d *decision) (HoldReceipt, []ledger.ID, error) {
	from, err := d.party("payer_agent_id", h.From, h.from)
	if err != nil {
		return HoldReceipt{}, nil, err
	}
	to := from
	if h.To != h.From {
		if to, err = d.party("receiver_agent_id", h.To, h.to); err != nil {
			return HoldReceipt{}, nil, err
		}
	}
	if err := check(d.freeReference(store.VerbHold, h.Reference), d.releaseDue(from.ID)); err != nil {
		return HoldReceipt{}, nil, err
	}
	hold, posting, err := ledger.PlanHold(ledger.TransferRule{
		Terms: d.terms.Ledger, Now: d.now, From: from, To: to, Collectors: d.book.Collectors(), Amount: h.Amount,
		Notes: ledger.Notes{Reason: h.Purpose, Reference: h.Reference},
	}, HoldID(d.core.newID()), h.from.locked, h.Term, h.VoidBy)
	if err != nil {
		return HoldReceipt{}, nil, err
	}
	if _, err := d.postAs(posting); err != nil {
		return HoldReceipt{}, nil, err
	}
	d.takeReference(store.VerbHold, h.Reference, ledger.ID(hold.ID))
	d.openHold(hold)
	d.record(act{action: "hold", sender: h.From, receiver: h.To, amount: hold.Amount, fee: hold.Fee,
		hold: hold.ID, reason: h.Purpose, reference: h.Reference, until: hold.ExpiresAt})
	return holdReceipt(hold, h.From, h.To, d.posted), append([]ledger.ID{ledger.ID(hold.ID)}, d.transactionIDs()...), nil
}

// openHold adds a hold to the group and counts it on its payer's row.
func (d *decision) openHold(h ledger.Hold) {
	d.holds[h.ID] = &h
	d.undo = append(d.undo, func() { delete(d.holds, h.ID) })
	d.changes.NewHolds = append(d.changes.NewHolds, h)
	d.book.Change(h.Payer, func(payer *ledger.Account) {
		payer.OpenHolds++
		if payer.NextHoldExpiry.IsZero() || h.ExpiresAt.Before(payer.NextHoldExpiry) {
			payer.NextHoldExpiry = h.ExpiresAt
		}
	})
}

// closeHold writes an ended hold and counts it off. The payer's next expiry may
// then be too early, which costs one look at its holds when it comes, and
// nothing else.
func (d *decision) closeHold(h ledger.Hold) {
	d.changeHold(h)
	d.book.Change(h.Payer, func(payer *ledger.Account) {
		payer.OpenHolds--
		if payer.OpenHolds == 0 {
			payer.NextHoldExpiry = time.Time{}
		}
	})
}

// releaseDue gives the rows' owners back what is theirs again, expired holds and
// what waited long enough to leave a stake, in transactions of their own and as
// acts of the system, before anything else happens to the rows.
func (d *decision) releaseDue(accounts ...ledger.AccountID) error {
	for _, id := range accounts {
		row := d.book.Account(id)
		if row == nil || !row.HoldsDue(d.now) && !row.UnbondingDue(d.now) {
			continue
		}
		if row.HoldsDue(d.now) {
			if err := d.releaseDueHolds(row); err != nil {
				return err
			}
		}
		if row.UnbondingDue(d.now) {
			if err := d.freeUnbonded(row); err != nil {
				return err
			}
		}
		if err := d.garnish(); err != nil { // it came back before what is done with it
			return err
		}
	}
	return nil
}

func (d *decision) releaseDueHolds(row *ledger.Account) error {
	p, ok := d.partyOf(row.ID)
	if !ok {
		return nil
	}
	if !d.settled[row.ID] || d.book.Account(p.locked) == nil {
		return d.needDue(append(d.op.parties[:len(d.op.parties):len(d.op.parties)], p)...)
	}
	return d.releaseHolds(row)
}

// needDue asks for what has to be given back to any of the parties, at once.
func (d *decision) needDue(parties ...party) error {
	var more needs
	for _, p := range parties {
		row := d.book.Account(p.available)
		if row == nil {
			continue
		}
		if p.locked != 0 && row.HoldsDue(d.now) && (!d.settled[p.available] || d.book.Account(p.locked) == nil) {
			more.accounts = append(more.accounts, p.locked)
			more.activeHolds = append(more.activeHolds, p.available)
		}
		if row.UnbondingDue(d.now) {
			d.needUnbonded(&more, row.ID)
		}
	}
	if len(more.accounts)+len(more.staking.WaitingOf) == 0 {
		return nil
	}
	return errMore{more}
}

// partyOf finds whose available row it is among those the operation is about.
func (d *decision) partyOf(available ledger.AccountID) (party, bool) {
	candidates := append(d.op.parties[:len(d.op.parties):len(d.op.parties)], d.op.caller)
	for _, owner := range d.op.need.owners {
		candidates = append(candidates, d.agents[owner])
	}
	for _, p := range candidates {
		if p.available == available && p.locked != 0 {
			return p, true
		}
	}
	return party{}, false
}

// releaseHolds gives back what is due of one payer, all of whose active holds
// are loaded.
func (d *decision) releaseHolds(payer *ledger.Account) error {
	var next time.Time
	for _, h := range d.holdsOf(payer.ID) {
		if h.StateAt(d.now) != HoldExpired {
			if next.IsZero() || h.ExpiresAt.Before(next) {
				next = h.ExpiresAt
			}
			continue
		}
		tx, err := d.book.Post(d.core.newTransactionID(), d.now, ledger.PlanRelease(*h))
		if err != nil {
			return err
		}
		expired := *h
		if err := expired.Close(HoldExpired, d.now); err != nil {
			return err
		}
		d.closeHold(expired)
		d.emit(d.core.config.Treasury, d.op.request, act{action: "hold_expired", sender: payer.Owner,
			amount: h.Amount, fee: h.Fee, hold: h.ID, transactions: []TransactionID{tx.ID}})
	}
	d.book.Change(payer.ID, func(row *ledger.Account) { row.NextHoldExpiry = next })
	return nil
}

// holdsOf returns the payer's active holds by id.
func (g *group) holdsOf(payer ledger.AccountID) []*ledger.Hold {
	var holds []*ledger.Hold
	for _, h := range g.holds {
		if h.Payer == payer && h.State == HoldActive {
			holds = append(holds, h)
		}
	}
	sortHolds(holds)
	return holds
}
