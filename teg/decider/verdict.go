package decider

import (
	"errors"
	"fmt"

	"github.com/agentvault/teg-layer/teg"
)

// ErrAnswer is an answer that is no verdict on the acts.
var ErrAnswer = errors.New("decider: the policy's answer is no verdict")

// undefined is the reason where a policy says nothing of what it was asked.
const undefined = "no policy says anything about it"

// Undefined denies so many acts, as a policy does that gives no answer.
func Undefined(acts int) []teg.Verdict {
	return verdictFor(acts, teg.Verdict{Reason: undefined})
}

func verdictFor(acts int, v teg.Verdict) []teg.Verdict {
	verdicts := make([]teg.Verdict, acts)
	for i := range verdicts {
		verdicts[i] = v
	}
	return verdicts
}

// Verdicts reads the answer to a question about so many acts, as encoding/json makes it
// of any JSON. The error wraps [ErrAnswer], and repeats nothing of the answer.
func Verdicts(answer any, acts int) ([]teg.Verdict, error) {
	list, several := answer.([]any)
	if !several {
		v, err := verdict(answer)
		if err != nil {
			return nil, err
		}
		return verdictFor(acts, v), nil
	}
	if len(list) != acts {
		return nil, fmt.Errorf("%w: it has %d for %d acts", ErrAnswer, len(list), acts)
	}
	verdicts := make([]teg.Verdict, acts)
	for i := range list {
		var err error
		if verdicts[i], err = verdict(list[i]); err != nil {
			return nil, fmt.Errorf("%w, at %s", err, place(i))
		}
	}
	return verdicts, nil
}

// verdict reads one. An object may say more, for others to read.
func verdict(answer any) (teg.Verdict, error) {
	object, is := answer.(map[string]any)
	if !is {
		object = map[string]any{"allow": answer}
	}
	allow, is := object["allow"].(bool)
	if !is {
		return teg.Verdict{}, fmt.Errorf("%w: neither true nor false, nor an object with allow", ErrAnswer)
	}
	reason, given := object["reason"]
	text, is := reason.(string)
	if given && !is {
		return teg.Verdict{}, fmt.Errorf("%w: its reason is no text", ErrAnswer)
	}
	return teg.Verdict{Allow: allow, Reason: text}, nil
}
