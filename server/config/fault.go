package config

import (
	"cmp"
	"errors"
	"slices"
)

// Fault is one thing that is wrong with the configuration.
type Fault struct {
	Variable string // whose value is at fault
	Source   string // where the value came from; "" where there is none
	Problem  string // what is wrong and what to do, in one line, without secrets
}

// Error returns one line that names the variable.
func (f *Fault) Error() string {
	if f.Source == "" {
		return f.Variable + ": " + f.Problem
	}
	return f.Variable + " (" + f.Source + "): " + f.Problem
}

// problem is an error of the types of this package: what a value must be. It
// repeats nothing of the value.
type problem string

func (p problem) Error() string { return string(p) }

// joined returns all faults as one error, in the order of the table, unknown
// variables last.
func joined(faults []*Fault) error {
	slices.SortStableFunc(faults, func(a, b *Fault) int {
		return cmp.Or(cmp.Compare(position(a.Variable), position(b.Variable)), cmp.Compare(a.Variable, b.Variable))
	})
	errs := make([]error, len(faults))
	for i, f := range faults {
		errs[i] = f
	}
	return errors.Join(errs...)
}

func position(variable string) int {
	i := slices.IndexFunc(table, func(v Variable) bool { return v.Name == variable })
	if i < 0 {
		return len(table)
	}
	return i
}

// Faults returns the faults that an error of [Load] holds.
func Faults(err error) []*Fault {
	var list []*Fault
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			list = append(list, Faults(e)...)
		}
		return list
	}
	var one *Fault
	if errors.As(err, &one) {
		list = append(list, one)
	}
	return list
}
