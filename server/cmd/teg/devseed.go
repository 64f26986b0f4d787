package main

import (
	"context"
	"encoding/binary"
	"errors"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg"
)

// The parties of the seeded economy who have a name in the documentation.
var (
	devAlice      = teg.Agent("did:example:alice")
	devBob        = teg.Agent("did:example:bob")
	devCarol      = teg.Agent("did:example:carol")
	devAuditor    = teg.Agent("did:example:auditor")
	devArbitrator = teg.Agent("did:example:arbitrator")
	devAdmin      = teg.Agent("did:example:admin")
)

// devPast is how far back the seeded economy begins, so that its pages have a past to show.
const devPast = 72 * time.Hour

// seeder makes the small economy. Its acts have references and names that are taken once
// for ever, so that seeding again changes nothing, also where it was cut short.
type seeder struct {
	*teg.Engine
	now  time.Time     // the engine's clock
	made atomic.Uint32 // ids, which tell times as well
}

// seed makes the small economy by an engine whose clock is in the past. Where there is an
// economy already, that begins where its log ends.
func seed(ctx context.Context, st store.Store, config teg.Config) error {
	s := &seeder{now: time.Now().Add(-devPast)}
	config.Clock, config.NewID = func() time.Time { return s.now }, s.newID
	e, err := teg.New(ctx, st, config)
	if err != nil {
		return err
	}
	s.Engine = e
	return errors.Join(s.all(ctx), e.Close())
}

func (s *seeder) all(ctx context.Context) error {
	last, err := s.AuditLog(ctx, teg.AuditLogQuery{Limit: 1})
	if err != nil {
		return err
	}
	if len(last.Entries) > 0 && last.Entries[0].At.After(s.now) {
		s.now = last.Entries[0].At
	}
	for _, part := range []func(context.Context) error{
		s.found, s.pay, s.stakes, s.govern, s.trade, s.hold, s.dispute, s.flags,
	} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// pass lets time go by, never beyond the present.
func (s *seeder) pass(d time.Duration) {
	if next := s.now.Add(d); next.Before(time.Now()) {
		s.now = next
	}
}

// newID is a UUIDv7 of the engine's time, and above those before it.
func (s *seeder) newID() (id [16]byte) {
	id = uuid.Must(uuid.NewV7())
	binary.BigEndian.PutUint64(id[:8], uint64(s.now.UnixMilli())<<16|0x7000|uint64(s.made.Load()>>14&0xfff))
	binary.BigEndian.PutUint16(id[8:10], 0x8000|uint16(s.made.Load()&0x3fff))
	s.made.Add(1)
	return id
}

// found issues the supply and lets the agents in.
func (s *seeder) found(ctx context.Context) error {
	_, err := s.Issue(ctx, teg.IssueParams{
		By: devAdmin, To: s.TreasuryDID(), Amount: teg.AVT("1000000"), Reason: "the first supply", Reference: "teg-dev:supply",
	})
	if err := once(err); err != nil {
		return err
	}
	for _, agent := range append([]teg.DID{devAlice, devBob, devCarol, devAuditor, devArbitrator, devAdmin}, devTraders...) {
		_, err := s.RegisterAgent(ctx, teg.RegisterParams{Agent: agent, By: devAdmin, Grant: teg.AVT("1000")})
		if err := once(err); err != nil {
			return err
		}
	}
	return nil
}

// pay makes the payments that the documentation speaks of.
func (s *seeder) pay(ctx context.Context) error {
	for _, t := range []teg.TransferParams{
		{Reference: "teg-dev:0", From: devAlice, To: devBob, Amount: teg.AVT("25"), Message: "translation of a contract"},
		{Reference: "teg-dev:1", From: devBob, To: devCarol, Amount: teg.AVT("7.5"), Message: "an hour of computing"},
		{Reference: "teg-dev:2", From: devCarol, To: devAlice, Amount: teg.AVT("0.25"), Message: "one search"},
	} {
		s.pass(7 * time.Minute)
		if _, err := s.payOnce(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// payOnce makes a payment unless it has been made, and returns it: what was paid would not
// always be paid again, the payer may be suspended by now.
func (s *seeder) payOnce(ctx context.Context, t teg.TransferParams) (teg.TransactionID, error) {
	page, err := s.Transactions(ctx, teg.TransactionsQuery{Agent: t.From, Reference: t.Reference, Limit: 1})
	if err != nil {
		return teg.TransactionID{}, err
	}
	if len(page.Transactions) > 0 {
		return page.Transactions[0].ID, nil
	}
	paid, err := s.Transfer(ctx, t)
	return paid.TransactionID, err
}

// once takes it for success that something has been done before.
func once(err error) error {
	if errors.Is(err, teg.ErrAlreadyExists) {
		return nil
	}
	return err
}

// step is an act of the seeded economy that has no name of its own: what it is
// called in the log, which tells whether it was done.
type step struct {
	by     teg.DID
	action string
	do     func() error
}

// take takes steps one after the other, each unless it has been taken.
func (s *seeder) take(ctx context.Context, steps ...step) error {
	for _, each := range steps {
		done, err := s.AuditLog(ctx, teg.AuditLogQuery{Actor: each.by, Action: each.action, Limit: 1})
		if err != nil {
			return err
		}
		if len(done.Entries) > 0 {
			continue
		}
		s.pass(3 * time.Minute)
		if err := each.do(); err != nil {
			return err
		}
	}
	return nil
}
