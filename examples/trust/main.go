// Command trust compares ways to score agents by what they said of each other:
// whether a score tells the sign of the ratings to come, and what rings, new names
// and grudges do to it.
//
//	go run ./examples/trust ratings.csv.gz
//
// The file has lines of rater, ratee, rating from −10 to 10 and Unix seconds.
// Without one it makes up a market.
package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"text/tabwriter"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(args []string, out io.Writer) error {
	m := madeUp(1, 1500, 9000)
	if len(args) > 0 {
		var err error
		if m, err = readMarket(args[0]); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "%s: %d ratings by %d agents\n", m.name, len(m.deals), m.agents)
	return table(out, m, candidates())
}

// result is what one candidate is worth.
type result struct {
	fifty, parts     [3]float64 // before each 50 ratings, and each fiftieth of the market
	ring, slow, wash float64    // separation of honest agents from strangers
	grudge, armed    float64    // how far an established agent is moved
	once             time.Duration
}

func measure(m market, c candidate) result {
	return result{
		fifty: foresight(walk(m, 50, c.fresh())),
		parts: foresight(walk(m, max(1, len(m.deals)/50), c.fresh())),
		ring:  ringAttack(m, c, 7*day), slow: ringAttack(m, c, 30*day), wash: whitewash(m, c),
		grudge: grudge(m, c, false), armed: grudge(m, c, true),
		once: duration(m, c),
	}
}

// duration is how long it takes to score everybody once, from nothing.
func duration(m market, c candidate) time.Duration {
	start := time.Now()
	newAttack(m, 0).scored(c.fresh())
	return time.Since(start)
}

func table(out io.Writer, m market, list []candidate) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\tnext 50\thalves\tfiftieths\thalves\tring, week\tring, month\tnew name\tgrudge\tarmed\tonce")
	for _, c := range list {
		r := measure(m, c)
		fmt.Fprintf(w, "%s\t%.3f\t%.3f %.3f\t%.3f\t%.3f %.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%d ms\n", c.name,
			r.fifty[0], r.fifty[1], r.fifty[2], r.parts[0], r.parts[1], r.parts[2],
			r.ring, r.slow, r.wash, r.grudge, r.armed, r.once.Milliseconds())
	}
	return w.Flush()
}
