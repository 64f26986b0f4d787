package tegbench

import (
	"context"
	"errors"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storebench"
	"github.com/agentvault/teg-layer/teg"
)

// Subject is an engine on a scratch database, populated and ready to be loaded.
type Subject struct {
	*Engine
	Store   store.Store
	scratch *storebench.Scratch
}

// NewSubject makes an engine on a scratch database of its own.
func NewSubject(ctx context.Context, place storebench.Place, accounts int, config teg.Config) (*Subject, error) {
	scratch, err := place.Scratch(ctx)
	if err != nil {
		return nil, err
	}
	st, err := scratch.Store(ctx)
	if err != nil {
		return nil, errors.Join(err, scratch.Drop())
	}
	s := &Subject{Store: st, scratch: scratch}
	engine, err := teg.New(ctx, st, config)
	if err != nil {
		return nil, errors.Join(err, st.Close(), scratch.Drop())
	}
	s.Engine, err = Populate(ctx, engine, accounts)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// API is the engine itself.
func (s *Subject) API() *teg.Engine { return s.engine }

// Close ends the engine and drops its database.
func (s *Subject) Close() error { return errors.Join(s.leave(), s.scratch.Drop()) }

// leave ends the engine and leaves its database.
func (s *Subject) leave() error { return errors.Join(s.engine.Close(), s.Store.Close()) }
