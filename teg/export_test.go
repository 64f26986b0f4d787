package teg

import (
	"context"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// A tick that gives up because the machine is busy would look like one that failed.
func init() { tickPatience, treePatience = time.Minute, time.Minute }

// AgeTrust lets pauses go by since the engine last looked for signals, and none in the
// time that a test takes.
func (e *Engine) AgeTrust(pauses int) {
	view := e.trust.view.Load()
	aged := *view
	aged.took = time.Hour
	aged.looked = time.Now().Add(-time.Duration(pauses) * trustShare * aged.took)
	e.trust.view.CompareAndSwap(view, &aged) // a newer one stays
}

// SignalPage is how many signals are read at once.
const SignalPage = signalPage

// RefusesTrust says whether a score is left out of everybody's trust.
func RefusesTrust(name string, score float64) bool {
	_, err := rankOf(name, score)
	return err != nil
}

// CheckPointer refuses what is no pointer to evidence.
var CheckPointer = checkPointer

// TickPanels does what is due of panels, and nothing else.
func (e *Engine) TickPanels(ctx context.Context) error { return e.tickPanels(ctx, e.clock.now()) }

// Roll lists who could be drawn now.
func (e *Engine) Roll(ctx context.Context) error {
	_, err := e.roll(ctx, &bench{terms: *e.config.Panel}, nil)
	return err
}

// GrowTree brings the tree over the log up to date, and does nothing else.
func (e *Engine) GrowTree(ctx context.Context) error { return e.growTree(ctx) }

// HoldTree keeps the tree over the log busy until it is let go, with whoever asks for a
// proof having so much patience.
func (e *Engine) HoldTree(patience time.Duration) (letGo func()) {
	e.tree.busy <- struct{}{}
	e.tree.patience = patience
	return func() {
		e.tree.patience = treePatience
		e.tree.end()
	}
}

// FinishUnbalanced posts a payment, changes the receiver's balance beside it, and completes
// the changes of the group.
func (e *Engine) FinishUnbalanced() error {
	const payer, receiver = 1 << 40, 1<<40 + 1
	collect := e.system.collectors(1)
	g := newGroup(e.core, e.inForce.Load(), 1, store.Need{}, &store.Rows{Accounts: []ledger.Account{
		{ID: collect.Treasury, Kind: ledger.Treasury},
		{ID: payer, Kind: ledger.Available, Balance: AVT("2").Signed()},
		{ID: receiver, Kind: ledger.Available},
	}})
	if _, err := g.book.Post(e.newTransactionID(), g.now, ledger.Move(ledger.TypeTransfer, payer, receiver, AVT("1"), ledger.Notes{})); err != nil {
		return err
	}
	if _, err := g.finish(); err != nil {
		return err
	}
	g.book.Change(receiver, func(a *ledger.Account) { a.Balance = AVT("2").Signed() })
	_, err := g.finish()
	return err
}

// KeepLive bounds how many events are kept for those who read the log live, and noted for
// each: they are behind sooner.
func (e *Engine) KeepLive(events, notes int) { e.feed.most.events, e.feed.most.notes = events, notes }

// Live reports whether the log is being read for somebody who reads it live.
func (e *Engine) Live() bool { return e.feed.tail.Load() != nil }

// Shown lists the fields that an agent may see of events of an action.
func Shown(action string) []string {
	a := audiences[action]
	if a.who == 0 {
		return nil
	}
	return append(append(append([]string{"actor"}, everyShown...), a.shown...), a.own...)
}

// ResumeUnasked resumes a webhook without a look at what its owner may.
func (e *Engine) ResumeUnasked(ctx context.Context, id WebhookID) error {
	return e.endedByItself(ctx, id, store.VerbResumeWebhook, WebhookActive, "")
}

// SiteOf is by what receivers are told apart that are slow.
var SiteOf = siteOf

// Heard tells who of some hears of a payment, by the look that who listens has at it, and by
// all that it says; words are what somebody wrote into it.
func Heard(actor, from, to DID, words string, listening ...DID) (heard, named []DID) {
	a := act{action: "transfer", sender: from, receiver: to, reason: words, reference: words}
	event := newFedEvent(store.Event{Actor: actor, Action: a.action, Body: a.encode(store.EventID{1}, actor, words, time.Unix(1, 0))})
	for _, each := range listening {
		is := func(m mention) bool { return m.agent == each.String() }
		if slices.ContainsFunc(mentionsAmong(map[string]bool{each.String(): true}, event), is) && event.names(each.String()) != 0 {
			heard = append(heard, each)
		}
		if slices.ContainsFunc(event.mentions(), is) {
			named = append(named, each)
		}
	}
	return heard, named
}
