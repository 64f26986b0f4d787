// Package opa asks an Open Policy Agent over its REST API whether acts may be carried
// out. It is the [teg.Decider] of an engine:
//
//	policies, err := opa.New(opa.Config{URL: "http://127.0.0.1:8181/v1/data/teg/decision"})
//	eng, err := teg.New(ctx, st, teg.Config{Decider: policies})
//
// Package decider has what OPA is asked and what it may answer. A request is one POST,
// however many acts it is about.
package opa

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/decider"
	"github.com/agentvault/teg-layer/teg/outside"
)

// Config says where the Open Policy Agent is. URL is required.
type Config struct {
	// URL is that of the rule that decides, in OPA's Data API:
	// http://127.0.0.1:8181/v1/data/teg/decision. It is https, or http to this machine
	// itself.
	URL string
	// Token is sent as a bearer token. Empty: none is sent.
	Token string
	// Timeout is for one question. Default: 2 seconds.
	Timeout time.Duration
	// Transport carries requests. Nil means one without a proxy.
	Transport http.RoundTripper
}

// Bounds of what is said to OPA at a time.
const (
	maxAnswer = 1 << 20
	idle      = 64
	dataAPI   = "/v1/data/"
)

// Decider asks an Open Policy Agent. It is safe for concurrent use.
type Decider struct {
	service *outside.Service
	rule    string // its path behind the service's address
}

var _ teg.Decider = (*Decider)(nil)

// CheckURL says why an address cannot be that of a rule.
func CheckURL(text string) error {
	_, _, err := split(text)
	return err
}

// split takes an address apart: where OPA is, and where the rule is there.
func split(text string) (base, rule string, err error) {
	whole, err := outside.CheckURL(text)
	if err != nil {
		return "", "", err
	}
	at := strings.Index(whole, dataAPI)
	if at < 0 || len(whole) == at+len(dataAPI) {
		return "", "", errors.New("must be the address of a rule, such as http://127.0.0.1:8181/v1/data/teg/decision")
	}
	return whole[:at], whole[at:], nil
}

// New makes a decider. It asks OPA nothing: a server starts without it.
func New(c Config) (*Decider, error) {
	base, rule, err := split(c.URL)
	if err != nil {
		return nil, errors.New("opa: " + err.Error())
	}
	if c.Timeout == 0 {
		c.Timeout = 2 * time.Second
	}
	service, err := outside.New(outside.Config{
		Name: "opa", URL: base, Token: c.Token, Timeout: c.Timeout, MaxAnswer: maxAnswer, Idle: idle, Transport: c.Transport,
	})
	if err != nil {
		return nil, err
	}
	return &Decider{service, rule}, nil
}

// question is the body that the Data API takes.
type question struct {
	Input decider.Input `json:"input"`
}

// Decide implements [teg.Decider]. A rule that is undefined denies.
func (d *Decider) Decide(ctx context.Context, intents []teg.Intent) ([]teg.Verdict, error) {
	answer, err := d.service.Ask(ctx, outside.Request{Method: http.MethodPost, Path: d.rule, Body: question{decider.NewInput(intents)}})
	switch {
	case err != nil:
		return nil, err
	case answer.Status != http.StatusOK:
		return nil, d.service.Refused(answer.Status)
	}
	return d.read(answer.Body, len(intents))
}

// read reads one JSON object and nothing after it.
func (d *Decider) read(body []byte, acts int) ([]teg.Verdict, error) {
	var in map[string]any
	decoder := json.NewDecoder(bytes.NewReader(body))
	if err := decoder.Decode(&in); err != nil || in == nil {
		return nil, d.service.Wrong("no JSON object can be read from it")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, d.service.Wrong("something follows its answer")
	}
	result, defined := in["result"]
	if !defined {
		return decider.Undefined(acts), nil
	}
	return decider.Verdicts(result, acts)
}

// Check asks OPA whether it is well.
func (d *Decider) Check(ctx context.Context) error {
	answer, err := d.service.Ask(ctx, outside.Request{Method: http.MethodGet, Path: "/health"})
	if err == nil && answer.Status != http.StatusOK {
		return d.service.Refused(answer.Status)
	}
	return err
}

// Close lets its connections go.
func (d *Decider) Close() { d.service.Close() }
