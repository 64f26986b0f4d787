package mcp

import "sync"

// atOnce bounds how many requests are under way, in all and of each agent.
type atOnce struct {
	all, each int

	mu  sync.Mutex
	now int
	of  map[string]int // those that have any
}

// enter reports whether there is room for another request, in all and of the agent, and takes
// it where there is both. Leave is called afterwards.
func (a *atOnce) enter(agent string) (inAll, ofAgent bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	inAll, ofAgent = a.now < a.all, a.of[agent] < a.each
	if inAll && ofAgent {
		a.now++
		a.of[agent]++
	}
	return inAll, ofAgent
}

func (a *atOnce) leave(agent string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.now--
	if a.of[agent]--; a.of[agent] == 0 {
		delete(a.of, agent)
	}
}
