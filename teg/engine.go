package teg

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/agentvault/teg-layer/governance/panel"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg/internal/gather"
)

// Engine carries out what the parties of an economy ask for. Make one with
// [New]; it is safe for concurrent use.
type Engine struct {
	*core
	host store.Host // the host's transaction that this engine works in, or nil
	dry  bool       // whether every verb is a dry run
}

// core is what an engine and those derived from it by Using share.
type core struct {
	store      store.Store
	config     Config
	inForce    atomic.Pointer[snapshot]
	reloading  sync.Mutex // by whoever replaces what is in force
	system     systemAccounts
	directory  directory
	indebted   indebted
	queue      chan *operation // for the committers
	slow       chan *operation // for operations whose rows others hold
	more       chan *operation // for operations that need more rows than was known, or a group of their own
	waiting    atomic.Int64
	held       heldRows
	clock      clock
	closing    chan struct{}
	gate       sync.RWMutex // guards closed against callers who are entering
	closed     bool
	stop       context.CancelFunc // of the writers' work
	workers    sync.WaitGroup
	callers    sync.WaitGroup
	stats      counters
	accounts   *gather.Group[DID, []ledger.Account]
	trust      trust
	auditing   auditing
	tree       logTree
	retention  retention
	proving    chan struct{} // a place for each proof that is being verified
	circuits   circuits
	schemas    schemas
	unseen     unseen // of attestations
	unkept     unseen // of disputes
	activities activities

	panelsAfter atomic.Pointer[panel.RoundID] // where the next tick goes on to look at open rounds
	arbitrating arbitrating
	feed        feed
	dispatching dispatching
	testing     chan struct{} // a place for each message that is sent because somebody asked
	asking      sync.Map      // owners of webhooks who have asked for one that is on its way
}

// New makes an engine over an opened, migrated store. It refuses a schema that
// is older, newer or half-migrated, and a database whose settings could lose a
// commit, with a sentence that says what to do. It starts the goroutines that
// commit groups; [Engine.Close] ends them. Work that is due by the time alone
// is done by [Engine.Run] or [Engine.Tick], and not otherwise.
//
// The store stays the caller's: close it after the engine.
func New(ctx context.Context, st store.Store, config Config) (*Engine, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := checkSchema(ctx, st); err != nil {
		return nil, err
	}
	if err := st.Check(ctx); err != nil {
		return nil, err
	}
	c := &core{
		store: st, config: config, closing: make(chan struct{}),
		trust: trust{turn: make(chan struct{}, 1)}, tree: logTree{busy: make(chan struct{}, 1), patience: treePatience},
		queue: make(chan *operation, config.MaxWaiting), slow: make(chan *operation, config.MaxWaiting),
		more: make(chan *operation, config.MaxWaiting), proving: make(chan struct{}, runtime.GOMAXPROCS(0)), testing: make(chan struct{}, testingAtOnce), accounts: accountsFrom(st),
	}
	c.activities.hours, c.activities.days = newCourse(Hourly), newCourse(Daily)
	c.clock.source, c.feed.behind, c.feed.most = config.Clock, make(chan struct{}, feedBehind), tailKeeps
	if err := c.loadTerms(ctx); err != nil {
		return nil, err
	}
	if err := c.setUpSystem(ctx); err != nil {
		return nil, err
	}
	if err := c.startCommitters(ctx); err != nil {
		return nil, err
	}
	return &Engine{core: c}, nil
}

// checkSchema refuses what this program was not built for.
func checkSchema(ctx context.Context, st store.Store) error {
	status, err := st.SchemaStatus(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("teg: read the schema's version: %w", err)
	case len(status.Unknown) > 0:
		return fmt.Errorf("%w: it has %s, which this program does not know; use a newer program", ErrNewerSchema, strings.Join(status.Unknown, ", "))
	case status.Dirty != "":
		return fmt.Errorf("%w: migration %s began and did not end; restore a backup, or repair it by hand", ErrHalfMigrated, status.Dirty)
	case len(status.Pending) > 0:
		return fmt.Errorf("%w: %s pending; call Migrate on the store, or run: teg migrate up", ErrUnmigrated, strings.Join(status.Pending, ", "))
	}
	return nil
}

// Why [New] refuses a database.
var (
	ErrUnmigrated   = errors.New("teg: the database's schema is not up to date")
	ErrNewerSchema  = errors.New("teg: the database's schema is newer than this program")
	ErrHalfMigrated = errors.New("teg: the database's schema is half-migrated")
)

// Using is the same engine inside a transaction of the host: what its verbs do
// is committed, or rolled back, by the host together with the host's own rows.
//
//	eng.Using(postgres.Tx(tx)).Transfer(ctx, …)
//
// Operations run one at a time and are decided at once; their receipts mean
// nothing until the host has committed. The rows they touch stay locked until
// then, so be brief. On SQLite the host's transaction is the one writer: every
// other operation waits for it.
func (e *Engine) Using(host Host) *Engine { return &Engine{core: e.core, host: host, dry: e.dry} }

// Dry returns the same engine, of which every verb is a dry run, whatever DryRun of its
// parameters says: it answers what the verb would, and changes nothing. Questions are
// answered as ever. Give it to code that must not be able to do anything.
func (e *Engine) Dry() *Engine { return &Engine{core: e.core, host: e.host, dry: true} }

// Close ends the engine: new operations get [ErrClosed], those under way and
// waiting are committed and answered first. The store stays open.
func (e *Engine) Close() error {
	e.gate.Lock()
	closed := e.closed
	e.closed = true
	e.gate.Unlock()
	if closed {
		return nil
	}
	e.callers.Wait() // everyone who has entered gets an answer
	close(e.closing)
	e.workers.Wait()
	e.stop()
	return nil
}

// reader asks questions, inside the host's transaction where there is one.
func (e *Engine) reader() store.Reader {
	if e.host != nil {
		return e.host.Reader()
	}
	return e.store.Reader()
}

// clock reads the time once per group and never goes back.
type clock struct {
	source func() time.Time
	mu     sync.Mutex
	last   time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := stamp(c.source()); now.After(c.last) {
		c.last = now
	}
	return c.last
}

func (c *core) newTransactionID() TransactionID { return TransactionID(c.config.NewID()) }
func (c *core) newID() ledger.ID                { return ledger.ID(c.config.NewID()) }
