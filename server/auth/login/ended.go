package login

import (
	"context"
	"sync"
	"time"

	"github.com/agentvault/teg-layer/store"
)

// overlap is how much of the past is asked for once more each time: a transaction that
// ended a session may have been committed later than others that began after it.
const overlap = time.Minute

// ended are the sessions that ended before their time, until their access tokens have
// ended too.
type ended struct {
	mu    sync.RWMutex
	until map[string]time.Time
}

func (e *ended) has(session string) bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	_, ended := e.until[session]
	return ended
}

func (e *ended) add(session string, until time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.until == nil {
		e.until = map[string]time.Time{}
	}
	if _, known := e.until[session]; !known {
		e.until[session] = until
	}
}

// forget drops those whose access tokens have ended.
func (e *ended) forget(now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for session, until := range e.until {
		if now.After(until) {
			delete(e.until, session)
		}
	}
}

// Revoked implements [auth.Revocations], from memory.
func (s *Service) Revoked(session string) bool { return s.ended.has(session) }

// remembered is how long a session that ended has to be known: as long as an access
// token may hold that was given out in the moment before, with room for clocks that
// differ.
func (s *Service) remembered() time.Duration { return s.config.AccessTTL + 10*time.Minute }

// learn asks which sessions ended within the last so long.
func (s *Service) learn(ctx context.Context, within time.Duration) error {
	sessions, err := s.config.Sessions.EndedSessions(ctx, within)
	if err != nil {
		return err
	}
	until := s.config.Now().Add(s.remembered())
	for _, session := range sessions {
		s.ended.add(session.String(), until)
	}
	return nil
}

// Run learns every second which sessions were ended by other servers, and has the
// database forget what is over, until the context ends.
func (s *Service) Run(ctx context.Context) error {
	poll, sweep := time.NewTicker(Poll), time.NewTicker(SweepEvery)
	defer poll.Stop()
	defer sweep.Stop()
	learnt, away := s.learnt, false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-sweep.C:
			s.sweep(ctx)
		case <-poll.C:
			began := time.Now()
			err := s.learn(ctx, began.Sub(learnt)+overlap)
			if err == nil {
				learnt = began
			} else if !away && ctx.Err() == nil {
				s.config.Logger.WarnContext(ctx, "it cannot be learnt which sessions were ended elsewhere; their access tokens hold until it can, or until their end", "error", err)
			}
			away = err != nil
		}
	}
}

// sweep forgets what is over, here and in the database. A challenge is remembered for
// longer than it can be answered on any clock. It learns anew all that ended, too, should
// the questions of each second have missed something: where a commit took longer than
// they overlap, or a machine stood still and its clock with it.
func (s *Service) sweep(ctx context.Context) {
	s.ended.forget(s.config.Now())
	_ = s.learn(ctx, s.remembered()) // what it meets, the question of the next second meets too
	for {
		swept, err := s.config.Sessions.Sweep(ctx, s.config.Now().Add(-s.remembered()))
		if err != nil && ctx.Err() == nil {
			s.config.Logger.WarnContext(ctx, "logins that are over cannot be forgotten; it is tried again later", "error", err)
		}
		if err != nil || swept < store.SweepStep {
			return
		}
	}
}
