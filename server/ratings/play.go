package ratings

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/teg"
)

// Config says how a file is played. Its zero value works.
type Config struct {
	// Prefix is put before the name of a trader to make its DID. Default:
	// did:otc:
	Prefix string
	// Grant is what each new agent gets from the treasury. Default: nothing.
	Grant teg.Amount
	// By is who issues and registers. Default: did:agentvault:import.
	By teg.DID
	// Callers is how many operations are under way at the same time. Default:
	// 512.
	Callers int
	// Progress is told how many of all steps are done, now and then. Steps are
	// the traders, the transfers and the signals. Default: nobody.
	Progress func(done, of int)
}

// DefaultPrefix makes DIDs of the traders of the Bitcoin OTC market.
const DefaultPrefix = "did:otc:"

var defaultBy = did.MustParse("did:agentvault:import")

// Summary is what playing a file did.
type Summary struct {
	Agents         int // registered now
	AgentsThere    int // that were agents already
	Transfers      int // made now
	TransfersThere int // that had been made before
	Signals        int // given now
	SignalsThere   int // that had been given before
	Moved          teg.Amount
	Fees           teg.Amount
	Granted        teg.Amount
	Took           time.Duration
	RatingsTook    time.Duration
}

// PerSecond is the rate of transfers and signals, of those that were made now.
func (s *Summary) PerSecond() float64 {
	if s.RatingsTook <= 0 {
		return 0
	}
	return float64(s.Transfers+s.Signals) / s.RatingsTook.Seconds()
}

// ErrFuture reports a rating whose time has not come, which no signal can have.
var ErrFuture = errors.New("its time is in the future")

// LineError is a rating that could not be played.
type LineError struct {
	Line int
	Err  error
}

// Error names the line.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap gives the reason.
func (e *LineError) Unwrap() error { return e.Err }

// Play plays a file. On an error, what was played stays: playing again goes on
// from there. The summary counts what was done either way.
func Play(ctx context.Context, engine *teg.Engine, file *File, config Config) (Summary, error) {
	p, err := newPlay(engine, file, config)
	if err != nil {
		return Summary{}, err
	}
	began := time.Now()
	err = p.register(ctx)
	if err == nil {
		ratingsBegan := time.Now()
		err = p.rate(ctx)
		p.summary.RatingsTook = time.Since(ratingsBegan)
	}
	p.summary.Took = time.Since(began)
	return p.summary, errors.Join(err, p.overflow)
}

// play is a file being played.
type play struct {
	Config
	engine  *teg.Engine
	ratings []Rating
	traders []trader
	index   map[string]int // of the traders, by name

	// payments has what a rating became: from the start where that is recalled, else
	// from the time when its transfer is done.
	payments []payment

	// The rest belongs to the goroutine that called Play.
	summary  Summary
	overflow error
	steps    int
}

// trader is who becomes an agent.
type trader struct {
	id   teg.DID
	line int     // where it first appears
	gave []int32 // its ratings of others
}

func newPlay(engine *teg.Engine, file *File, config Config) (*play, error) {
	config.setDefaults()
	p := &play{
		Config: config, engine: engine, ratings: file.Ratings, index: map[string]int{}, payments: make([]payment, len(file.Ratings)),
	}
	now := time.Now().UnixNano()
	for i := range p.ratings {
		r := &p.ratings[i]
		if r.Time > now {
			return nil, &LineError{r.Line, ErrFuture}
		}
		for _, name := range []string{r.Rater, r.Ratee} {
			if err := p.meet(name, r.Line); err != nil {
				return nil, err
			}
		}
		rater := &p.traders[p.index[r.Rater]]
		rater.gave = append(rater.gave, int32(i))
	}
	return p, nil
}

func (c *Config) setDefaults() {
	if c.Prefix == "" {
		c.Prefix = DefaultPrefix
	}
	if c.By.IsZero() {
		c.By = defaultBy
	}
	if c.Callers <= 0 {
		c.Callers = 512
	}
	if c.Progress == nil {
		c.Progress = func(int, int) {}
	}
}

// meet makes a trader of a name that was not seen before.
func (p *play) meet(name string, line int) error {
	if _, known := p.index[name]; known {
		return nil
	}
	id, err := did.Parse(p.Prefix + name)
	if err != nil {
		return &LineError{line, fmt.Errorf("the prefix %q and the trader %q do not make a DID: %w", p.Prefix, name, err)}
	}
	p.index[name] = len(p.traders)
	p.traders = append(p.traders, trader{id: id, line: line})
	return nil
}

// agent is the DID of a trader.
func (p *play) agent(name string) teg.DID { return p.traders[p.index[name]].id }

// tick reports one step.
func (p *play) tick() {
	p.steps++
	p.Progress(p.steps, len(p.traders)+2*len(p.ratings))
}

// count adds to a sum of the summary; a sum beyond all amounts is told once.
func (p *play) count(sum *teg.Amount, more teg.Amount) {
	total, err := sum.Add(more)
	if err != nil {
		p.overflow = fmt.Errorf("everything was played, but a sum of it passes %s AVT", amount.Max)
		return
	}
	*sum = total
}
