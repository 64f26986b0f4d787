package ipfs

import (
	"context"
	"errors"
	"time"

	"github.com/agentvault/teg-layer/governance/evidence"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/teg"
)

// The defaults of a [Config].
const (
	DefaultMaxBytes = 16 << 20
	DefaultTimeout  = 30 * time.Second
)

// mostBytes is how large content may be where a configuration asks for it.
const mostBytes = 1 << 40

// Config says where storage is.
type Config struct {
	// API is the address of the node's RPC, such as http://127.0.0.1:5001. Required.
	API string
	// APIToken is sent to the node as a bearer token. Empty: none.
	APIToken string

	// Pinning is the address of a Pinning Service, such as https://pin.example/psa,
	// which is asked to keep what the node keeps. Empty: none.
	Pinning string
	// PinningToken is the access token of the service.
	PinningToken string

	// MaxBytes is how large content may be. Default: 16 MiB.
	MaxBytes int64
	// Timeout is how long a question may take, from its first request to its last.
	// Default: 30 seconds.
	Timeout time.Duration
}

// Store is evidence in IPFS. It is safe for concurrent use.
type Store struct {
	node    *Node
	service *PinningService
	limit   int64
	timeout time.Duration
}

var _ teg.EvidenceStore = (*Store)(nil)

// New makes a store, and asks nobody yet. It refuses a configuration that makes no
// sense.
func New(c Config) (*Store, error) {
	s := &Store{limit: c.MaxBytes, timeout: c.Timeout}
	if s.limit == 0 {
		s.limit = DefaultMaxBytes
	}
	if s.timeout == 0 {
		s.timeout = DefaultTimeout
	}
	if s.limit < 0 || s.limit > mostBytes || s.timeout < 0 {
		return nil, ledger.Invalid("Config", "MaxBytes or Timeout is negative, or MaxBytes above %d", int64(mostBytes))
	}
	var err error
	if s.node, err = NewNode(c.API, c.APIToken); err != nil {
		return nil, ledger.Invalid("API", "%v", err)
	}
	if c.Pinning == "" {
		return s, nil
	}
	if s.service, err = NewPinningService(c.Pinning, c.PinningToken); err != nil {
		return nil, ledger.Invalid("Pinning", "%v", err)
	}
	return s, nil
}

// Fetch reads and proves the content behind a pointer; see [teg.EvidenceStore].
func (s *Store) Fetch(ctx context.Context, pointer string, limit int64) (teg.Evidence, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	if limit <= 0 || limit > s.limit {
		limit = s.limit
	}
	found, err := s.find(ctx, pointer, limit)
	if err != nil {
		return teg.Evidence{}, err
	}
	return teg.Evidence{CID: found.content.String(), Size: found.size, SHA256: found.sum}, nil
}

// Pin reads and proves the content, and asks the node and the service to keep it;
// see [teg.EvidenceStore]. It does not wait for the service to have it: that it was
// taken into the queue is enough.
func (s *Store) Pin(ctx context.Context, pointer string) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	found, err := s.find(ctx, pointer, s.limit)
	if err != nil {
		return err
	}
	for _, directory := range found.through {
		if err := s.node.Pin(ctx, directory, false); err != nil {
			return err
		}
	}
	for _, c := range found.keep {
		if err := s.node.Pin(ctx, c, true); err != nil {
			return err
		}
	}
	if s.service == nil || len(found.keep) == 0 {
		return nil
	}
	origins := s.node.origins(ctx)
	for _, c := range found.keep {
		if _, err := s.service.Pin(ctx, c, origins); err != nil {
			return err
		}
	}
	return nil
}

// Check asks the node, and the service where there is one, something small, to see
// that they answer and take the tokens.
func (s *Store) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	err := s.node.Check(ctx)
	if s.service != nil {
		err = errors.Join(err, s.service.Check(ctx))
	}
	return err
}

// Close lets go of idle connections. The store can be used afterwards.
func (s *Store) Close() error {
	s.node.caller.client.CloseIdleConnections()
	if s.service != nil {
		s.service.caller.client.CloseIdleConnections()
	}
	return nil
}

func (s *Store) find(ctx context.Context, pointer string, limit int64) (found, error) {
	p, err := evidence.ParsePointer(pointer)
	if err != nil {
		return found{}, ledger.Invalid("", "%v", err)
	}
	return newWalk(s.node, limit).find(ctx, p)
}
