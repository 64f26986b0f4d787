package main

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
)

// deal is a rating of a deal: who of whom, from −1 to 1, and when, in
// microseconds. Agents are numbers from 0.
type deal struct {
	rater, ratee int
	weight       float64
	time         int64
}

// market is ratings in order of time.
type market struct {
	name   string
	agents int
	deals  []deal
}

const day int64 = 86_400_000_000

// readMarket reads lines of rater, ratee, rating from −10 to 10 and Unix seconds,
// plain or compressed by gzip.
func readMarket(name string) (market, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return market{}, err
	}
	var lines *bufio.Scanner
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return market{}, err
		}
		lines = bufio.NewScanner(unzipped)
	} else {
		lines = bufio.NewScanner(bytes.NewReader(data))
	}
	m, numbers := market{name: name}, map[string]int{}
	for n := 1; lines.Scan(); n++ {
		if err := m.add(lines.Text(), numbers); err != nil {
			return market{}, fmt.Errorf("%s, line %d: %w", name, n, err)
		}
	}
	m.sort()
	return m, lines.Err()
}

var errLine = errors.New("is not rater, ratee, rating from -10 to 10 other than 0, Unix seconds")

func (m *market) add(line string, numbers map[string]int) error {
	fields := strings.Split(strings.TrimSpace(line), ",")
	if len(fields) != 4 {
		return errLine
	}
	points, err1 := strconv.ParseFloat(fields[2], 64)
	seconds, err2 := strconv.ParseFloat(fields[3], 64)
	if err1 != nil || err2 != nil || points == 0 || !(points >= -10 && points <= 10) || fields[0] == fields[1] {
		return errLine
	}
	number := func(name string) int {
		i, met := numbers[name]
		if !met {
			i = m.agents
			numbers[name] = i
			m.agents++
		}
		return i
	}
	rater := number(fields[0])
	m.deals = append(m.deals, deal{rater, number(fields[1]), points / 10, int64(seconds * 1e6)})
	return nil
}

func (m *market) sort() {
	slices.SortStableFunc(m.deals, func(a, b deal) int { return cmp.Compare(a.time, b.time) })
}

// madeUp is a market from a seed. One agent in eight is a fraud, who deals honestly
// a few times, then cheats for some weeks and leaves; one honest agent in twenty is
// careless. Agents join all the time, deal most with those who deal much, rate each
// other, and frauds complain of those who complained.
func madeUp(seed uint64, agents, deals int) market {
	random := rand.New(rand.NewPCG(seed, 3))
	m := market{name: fmt.Sprintf("made up from seed %d", seed), agents: agents}
	const years = 3 * 365
	people := make([]person, agents)
	for i := range people {
		people[i] = newPerson(random, i, agents, years)
	}
	for n := 0; n < deals; n++ {
		at := years * float64(n) / float64(deals)
		a, b := pick(random, people, at), pick(random, people, at)
		if a == b {
			continue
		}
		when := int64(at * float64(day))
		toB := people[b].rated(random, at)
		m.deals = append(m.deals, deal{a, b, toB, when})
		if random.IntN(10) < 8 {
			toA := people[a].rated(random, at)
			if toB < 0 && people[b].fraud {
				toA = -1
			}
			m.deals = append(m.deals, deal{b, a, toA, when + day/4})
		}
	}
	m.sort()
	return m
}

type person struct {
	joins, turns, leaves float64 // days
	fraud                bool
	fault                float64 // the share of its deals that goes wrong
	busy                 float64 // from 0 to 1
}

func newPerson(random *rand.Rand, i, agents int, years float64) person {
	p := person{joins: years * float64(i) / float64(agents), leaves: 2 * years, turns: 2 * years, fault: 0.02, busy: random.Float64()}
	p.busy *= p.busy
	switch {
	case i%8 == 7:
		p.fraud, p.busy = true, 1
		p.turns = p.joins + 40*random.Float64()
		p.leaves = p.turns + 30
	case i%20 == 3:
		p.fault = 0.25
	default:
		p.leaves = p.joins + 60 + 2*years*random.Float64()
	}
	return p
}

// rated is what the other side thinks of a deal.
func (p person) rated(random *rand.Rand, at float64) float64 {
	if p.fraud && at >= p.turns || random.Float64() < p.fault {
		return -1
	}
	return float64(1+random.IntN(3)) / 10
}

// pick finds somebody who is there.
func pick(random *rand.Rand, people []person, at float64) int {
	for {
		i := random.IntN(len(people))
		if p := people[i]; (i < 10 || at >= p.joins && at < p.leaves) && random.Float64() < p.busy+0.05 {
			return i
		}
	}
}
