package decider_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/decider"
)

// What is sent is the document of docs/integrations.md, and says nothing of what an act
// has not.
func TestInput(t *testing.T) {
	rate := teg.Percent(10)
	text, err := json.Marshal(decider.NewInput([]teg.Intent{
		{
			Verb: store.VerbTransfer, By: teg.Agent("did:example:alice"), Roles: []string{"agent"}, RequestID: "r", Batch: true,
			Sender: teg.Agent("did:example:alice"), Receiver: teg.Agent("did:example:bob"), Amount: teg.AVT("0.000000000000000001"), Reference: "x",
		},
		{Verb: store.VerbSlash, By: teg.Agent("did:example:admin"), Agent: teg.Agent("did:example:bob"), Rate: &rate, DryRun: true, Name: "e"},
		{Verb: store.VerbCapture, By: teg.Agent("did:example:alice"), Hold: teg.HoldID{1}, All: true},
	}))
	require.NoError(t, err)
	require.JSONEq(t, `{"acts":[
		{"verb":"transfer","by":"did:example:alice","roles":["agent"],"request_id":"r","dry_run":false,"batch":true,"all":false,
		 "sender":"did:example:alice","receiver":"did:example:bob","amount":"0.000000000000000001","reference":"x"},
		{"verb":"slash","by":"did:example:admin","roles":[],"dry_run":true,"batch":false,"all":false,"agent":"did:example:bob","rate":"0.1","name":"e"},
		{"verb":"capture","by":"did:example:alice","roles":[],"dry_run":false,"batch":false,"all":true,"hold_id":"hold_01000000000000000000000000000000"}
	]}`, string(text))
}

// An answer is one verdict for all, or one for each; whatever else it is, nobody is
// allowed anything by it.
func TestVerdicts(t *testing.T) {
	yes, no, why := teg.Verdict{Allow: true}, teg.Verdict{}, teg.Verdict{Reason: "late"}
	for answer, want := range map[string][]teg.Verdict{
		`true`:                                   {yes, yes},
		`false`:                                  {no, no},
		`{"allow":true,"more":[1]}`:              {yes, yes},
		`{"allow":false,"reason":"late"}`:        {why, why},
		`[true,{"allow":false,"reason":"late"}]`: {yes, why},
		`[]`:                                     nil,
		`[true]`:                                 nil,
		`[true,true,true]`:                       nil,
		`[true,null]`:                            nil,
		`[true,[true]]`:                          nil,
		`null`:                                   nil,
		`"true"`:                                 nil,
		`1`:                                      nil,
		`{}`:                                     nil,
		`{"allowed":true}`:                       nil,
		`{"allow":"true"}`:                       nil,
		`{"allow":true,"reason":7}`:              nil,
	} {
		var value any
		require.NoError(t, json.Unmarshal([]byte(answer), &value))
		got, err := decider.Verdicts(value, 2)
		require.Equal(t, want == nil, err != nil, answer)
		if want != nil {
			require.Equal(t, want, got, answer)
			continue
		}
		require.ErrorIs(t, err, decider.ErrAnswer)
		require.False(t, strings.Contains(err.Error(), "allowed") || strings.Contains(err.Error(), "7"), "%v repeats what was said", err)
	}
	denied := decider.Undefined(1)
	require.False(t, denied[0].Allow)
	require.NotEmpty(t, denied[0].Reason)
}
