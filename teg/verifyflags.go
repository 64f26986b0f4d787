package teg

import (
	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/ledger"
)

// flags checks that each flag is what its history says. What the histories say is
// compared with the log, where a flag that is missing shows too.
func (v *verification) flags() error {
	var fault error
	err := walk(func(after FlagID) ([]Flag, error) {
		if fault != nil {
			return nil, fault
		}
		return v.engine.reader().AuditFlags(v.ctx, after, auditPage)
	}, func(f *Flag) FlagID {
		if fault == nil {
			fault = v.flag(f)
		}
		return f.ID
	})
	return check(err, fault)
}

// flag compares a flag with its history, which is read after it and may have grown
// since.
func (v *verification) flag(f *Flag) error {
	steps, err := v.engine.reader().FlagSteps(v.ctx, f.ID)
	if err != nil {
		return err
	}
	for i := range steps {
		if steps[i].Seq != int64(i+1) {
			v.find("flags", f.ID.String(), "lacks step %d of its history", i+1)
		}
		v.flagged.kept.add(v.flagStep(f, &steps[i]))
	}
	if !among(f.Steps, steps) {
		v.find("flags", f.ID.String(), "counts %d steps of %d", f.Steps, len(steps))
		return nil
	}
	if last := &steps[f.Steps-1]; f.Status != last.Status || f.Severity != last.Severity || !f.UpdatedAt.Equal(last.At) {
		v.find("flags", f.ID.String(), "is %s and %s, its history says %s and %s", f.Status, f.Severity, last.Status, last.Severity)
	}
	return nil
}

// among reports whether a row that counts its steps counts some, and no more than there are: a
// disk that spoils a file asks no constraint.
func among[T any](counted int64, steps []T) bool { return counted >= 1 && counted <= int64(len(steps)) }

// flagStep stands for a step of a flag, as the log tells it too.
func (v *verification) flagStep(f *Flag, s *auditor.Step) ledger.ID {
	by := s.By
	if by.IsZero() {
		by = v.engine.config.Treasury // in whose name the system acts
	}
	return sumOf(s.Flag.String(), s.Status.String(), s.Severity.String(), by.String(), flagTerms(f), s.At.UTC().Format(TimeFormat))
}
