package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/agentvault/teg-layer/store/storebench"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegbench"
)

// measuredServer is one server of this program, as a process of its own, on a scratch database.
type measuredServer struct {
	*fleet
	scratch *storebench.Scratch
}

// serveScratch starts a server and gives its agents value.
func serveScratch(ctx context.Context, place storebench.Place, l tegbench.Load, settings, flags []string) (*measuredServer, error) {
	scratch, err := place.Scratch(ctx)
	if err != nil {
		return nil, err
	}
	s := &measuredServer{fleet: &fleet{}, scratch: scratch}
	if err := s.begin(ctx, l, settings, flags); err != nil {
		s.stop()
		return nil, errors.Join(err, scratch.Drop())
	}
	return s, nil
}

func (s *measuredServer) begin(ctx context.Context, l tegbench.Load, settings, flags []string) error {
	st, err := s.scratch.Store(ctx) // which migrates it
	if err != nil {
		return err
	}
	if err := st.Close(); err != nil {
		return err
	}
	database, err := settingOf(s.scratch)
	if err != nil {
		return err
	}
	if err := s.start(ctx, fleetSettings(database, settings...), l, flags...); err != nil {
		return err
	}
	return s.target().populate(ctx)
}

func (s *measuredServer) target() *httpTarget { return s.targets[0] }

// end stops the server, proves its books and drops its database.
func (s *measuredServer) end(ctx context.Context) (err error) {
	s.stop()
	defer func() { err = errors.Join(err, s.scratch.Drop()) }()
	books, err := newBooks(ctx, s.scratch)
	if err != nil {
		return err
	}
	_, err = books.Verify(ctx)
	return errors.Join(err, books.Close())
}

// settingOf is a scratch database as DATABASE_URL names it.
func settingOf(scratch *storebench.Scratch) (string, error) {
	if strings.Contains(scratch.Address(), "://") {
		return scratch.Address(), nil
	}
	path, err := filepath.Abs(scratch.Address())
	return "sqlite://" + path, err
}

// duel is an engine in this process and a server, each on a database of its own with the
// same agents, which are put under the same load by turns.
type duel struct {
	inside *tegbench.Subject
	server *measuredServer
}

func newDuel(ctx context.Context, place storebench.Place, l tegbench.Load, flags ...string) (*duel, error) {
	inside, err := tegbench.NewSubject(ctx, place, l.Accounts, teg.Config{})
	if err != nil {
		return nil, err
	}
	server, err := serveScratch(ctx, place, l, nil, flags)
	if err != nil {
		return nil, errors.Join(err, inside.Close())
	}
	return &duel{inside, server}, nil
}

// round is one run of each.
func (d *duel) round(ctx context.Context, l tegbench.Load) (over, inside tegbench.Result, err error) {
	if inside, err = d.inside.Run(ctx, l); err != nil {
		return over, inside, err
	}
	over, err = tegbench.Run(ctx, l, d.server.target())
	return over, inside, err
}

// end proves both books.
func (d *duel) end(ctx context.Context) error {
	_, err := d.inside.API().Verify(ctx)
	return errors.Join(err, d.inside.Close(), d.server.end(ctx))
}
