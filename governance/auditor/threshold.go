package auditor

import (
	"fmt"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Number is the value of a threshold. An amount is an exact decimal, so it serves
// for counts too: [Whole] makes one. It is read from JSON numbers and strings.
type Number = amount.Amount

// Unit is what a threshold is measured in. The zero value is invalid.
type Unit uint8

// The units. All but AVT are whole numbers.
const (
	Count Unit = iota + 1
	Seconds
	Days
	Percent
	AVT
)

var unitNames = [...]string{Count: "count", Seconds: "seconds", Days: "days", Percent: "percent", AVT: "AVT"}

// String names the unit.
func (u Unit) String() string {
	if u < Count || u > AVT {
		return "invalid"
	}
	return unitNames[u]
}

// Threshold is a number that decides when a rule fires.
type Threshold struct {
	Name        string // as the HTTP API shows it
	Description string
	Unit        Unit
	Value       Number // in force
	Default     Number
	Least, Most Number // the range of Value, both within
}

var unit = amount.FromUnits(1)

// one is the number 1.
var one = amount.MustParse("1")

// Whole makes the number n.
func Whole(n uint32) Number {
	number, _ := one.MulDiv(amount.FromUnits(uint64(n)), unit) // 2³² lies far below the largest amount
	return number
}

// integer returns the whole part of a number, and whether that is all of it.
func integer(n Number) (int64, bool) {
	floor, _ := n.MulDiv(unit, one) // smaller than n
	back, err := floor.MulDiv(one, unit)
	high, low := floor.Parts()
	return int64(low), err == nil && back == n && high == 0
}

// with returns the threshold with another value, or says why it cannot have it.
func (t Threshold) with(n Number) (Threshold, error) {
	_, whole := integer(n)
	if n.Less(t.Least) || t.Most.Less(n) || t.Unit != AVT && !whole {
		kind := "an amount"
		if t.Unit != AVT {
			kind = "a whole number"
		}
		return t, ledger.Invalid("thresholds."+t.Name, "must be %s from %s to %s (%s)", kind, t.Least, t.Most, t.Unit)
	}
	t.Value = n
	return t, nil
}

func threshold(name string, unit Unit, value, least, most Number, description string) Threshold {
	return Threshold{Name: name, Description: description, Unit: unit, Value: value, Default: value, Least: least, Most: most}
}

func count(name string, value, least, most uint32, description string) Threshold {
	return threshold(name, Count, Whole(value), Whole(least), Whole(most), description)
}

func percent(name string, value, least, most uint32, description string) Threshold {
	return threshold(name, Percent, Whole(value), Whole(least), Whole(most), description)
}

func sum(name, value, description string) Threshold {
	return threshold(name, AVT, amount.MustParse(value), amount.MustParse("0.01"), amount.Max, description)
}

// windowName is the threshold that every rule has: how far it looks back from an
// event, and how often it speaks of one agent.
const windowName = "window_seconds"

func window(value, most uint32, description string) Threshold {
	return threshold(windowName, Seconds, Whole(value), one, Whole(most), description)
}

const (
	second = int64(time.Second / time.Microsecond)
	day    = 86_400 * second
)

// thresholds are those of one rule.
type thresholds []Threshold

func (t thresholds) find(name string) *Threshold {
	for i := range t {
		if t[i].Name == name {
			return &t[i]
		}
	}
	return nil
}

func (t thresholds) must(name string) *Threshold {
	found := t.find(name)
	if found == nil {
		panic(fmt.Sprintf("auditor: the rule has no threshold %q", name)) // the catalogue contradicts the rule
	}
	return found
}

func (t thresholds) sum(name string) amount.Amount { return t.must(name).Value }

func (t thresholds) count(name string) int {
	n, _ := integer(t.must(name).Value)
	return int(n)
}

// span returns a threshold of time in microseconds.
func (t thresholds) span(name string) int64 {
	found := t.must(name)
	n, _ := integer(found.Value)
	if found.Unit == Days {
		return n * day
	}
	return n * second
}

func (t thresholds) window() int64 { return t.span(windowName) }
