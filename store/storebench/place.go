package storebench

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/sqlite"
)

// Place is where scratch databases are made: a PostgreSQL server, or a directory
// for files of SQLite.
type Place struct{ server, dir string }

// OnPostgres makes scratch databases on the server of the URL, as its user, who
// must have the right to create databases.
func OnPostgres(url string) Place { return Place{server: url} }

// InDirectory makes scratch files in a directory.
func InDirectory(dir string) Place { return Place{dir: dir} }

// String names the kind of database.
func (p Place) String() string {
	if p.server != "" {
		return "postgres"
	}
	return "sqlite"
}

// Scratch is a database of its own.
type Scratch struct {
	address string // URL, or name of the file
	drop    func() error
	place   Place
}

// Scratch makes an empty database. Drop it in the end.
func (p Place) Scratch(ctx context.Context) (*Scratch, error) {
	var suffix [8]byte
	rand.Read(suffix[:]) // never fails
	name := "teg_bench_" + hex.EncodeToString(suffix[:])
	if p.server != "" {
		return p.scratchDatabase(ctx, name)
	}
	dir := filepath.Join(p.dir, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("storebench: no scratch database: %w", err)
	}
	return &Scratch{address: filepath.Join(dir, "scratch.db"), drop: func() error { return os.RemoveAll(dir) }, place: p}, nil
}

func (p Place) scratchDatabase(ctx context.Context, name string) (*Scratch, error) {
	if err := p.execute(ctx, "CREATE DATABASE "+name); err != nil {
		return nil, fmt.Errorf("storebench: no scratch database: %w", err)
	}
	address, err := url.Parse(p.server)
	if err != nil {
		return nil, errors.New("storebench: the URL cannot be read") // which may hold a password
	}
	address.Path = "/" + name
	return &Scratch{address: address.String(), place: p, drop: func() error {
		return p.execute(context.WithoutCancel(ctx), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	}}, nil
}

// execute runs one statement on the server.
func (p Place) execute(ctx context.Context, text string) error {
	conn, err := pgx.Connect(ctx, p.server)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, text)
	return err
}

// Drop removes the database. Close what is open in it first.
func (s *Scratch) Drop() error { return s.drop() }

// Address is the URL of a database on a server, and the name of a file.
func (s *Scratch) Address() string { return s.address }

// Store opens and migrates the database for an engine.
func (s *Scratch) Store(ctx context.Context) (store.Store, error) {
	st, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	if err := st.Migrate(ctx); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return st, nil
}

func (s *Scratch) open(ctx context.Context) (store.Store, error) {
	if s.place.server != "" {
		st, err := postgres.Open(ctx, s.address)
		if err != nil {
			return nil, err
		}
		return st, nil
	}
	st, err := sqlite.Open(ctx, s.address)
	if err != nil {
		return nil, err
	}
	return st, nil
}
