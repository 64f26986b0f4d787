package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// runner is a courier that remembers where it went.
type runner struct {
	mu   sync.Mutex
	went []teg.Parcel
}

func (r *runner) CheckURL(address string) error {
	if !strings.HasPrefix(address, "https://") {
		return errors.New("must begin with https://")
	}
	return nil
}

func (r *runner) Secret(teg.WebhookID, int64) string {
	return "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
}

func (r *runner) Deliver(_ context.Context, p teg.Parcel) (teg.Reply, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.went = append(r.went, p)
	return teg.Reply{Status: 204}, nil
}

// The life of a webhook over HTTP.
func TestWebhooks(t *testing.T) {
	post := &runner{}
	eng := tegtest.New(t, func(c *teg.Config) { c.Courier = post })
	a := over(t, eng)
	alice, bob := a.token(tegtest.Fund(t, eng, "did:example:alice", "100")), a.token(tegtest.Fund(t, eng, "did:example:bob", "0"))
	admin := a.token(tegtest.Fund(t, eng, "did:example:boss", "0"), auth.Agent, auth.Admin)
	made := a.post("/webhooks", alice, `{"url":"https://alice.example/x?k=secret","event_types":["transfer"],"description":"books"}`).is(201, "")
	id := made.at("webhook_id").(string)
	require.Equal(t, "own", made.at("scope"))
	require.Equal(t, "ACTIVE", made.at("status"))
	require.Contains(t, made.at("secret"), "whsec_")
	at := "/webhooks/" + id

	a.post("/token/transfer", alice, `{"receiver_agent_id":"did:example:bob","amount":"1"}`).is(200, "")
	require.NoError(t, eng.DeliverWebhooks(ctx()))
	require.Len(t, post.went, 1)
	list := a.get(at+"/deliveries", alice).is(200, "")
	message := list.at("deliveries", 0, "message_id").(string)
	require.Equal(t, "DELIVERED", list.at("deliveries", 0, "state"))
	require.Equal(t, json.Number("204"), list.at("deliveries", 0, "attempts", 0, "status_code"))
	require.Equal(t, "webhook.test", a.post(at+"/test", alice, `{"note":"hi"}`).is(200, "").at("event_type"))
	require.Len(t, a.post(at+"/resend", alice, `{"message_id":"`+message+`"}`).is(200, "").at("attempts"), 2)
	a.get(at+"/deliveries?state=FAILED", alice).is(200, "")

	require.NotContains(t, a.get(at, alice).is(200, "").text, "whsec_", "a secret is shown once")
	require.Equal(t, "https://alice.example", a.get(at, admin).is(200, "").at("url"), "others do not see the whole address")
	a.get(at, bob).is(404, "BIZ_ENTITY_NOT_FOUND")
	a.get(at+"/deliveries", bob).is(404, "BIZ_ENTITY_NOT_FOUND")
	a.post(at+"/pause", bob, `{}`).is(404, "BIZ_ENTITY_NOT_FOUND")
	require.Equal(t, json.Number("1"), a.get("/webhooks", alice).is(200, "").at("total"))
	require.Equal(t, json.Number("0"), a.get("/webhooks", bob).is(200, "").at("total"))
	a.get("/webhooks?agent_id=did:example:alice", bob).is(403, "AUTH_FORBIDDEN")
	a.get("/webhooks?everyone=true", bob).is(403, "AUTH_FORBIDDEN")
	require.Equal(t, json.Number("1"), a.get("/webhooks?everyone=true&status=ACTIVE", admin).is(200, "").at("total"))
	a.get("/webhooks?everyone=true&agent_id=did:example:bob", admin).is(422, "VALIDATION_INVALID_INPUT")

	require.NotNil(t, a.post(at+"/rotate-secret", alice, `{"overlap_hours":2}`).is(200, "").at("old_secret_until"))
	a.post(at+"/rotate-secret", admin, `{}`).is(404, "BIZ_ENTITY_NOT_FOUND")
	require.Equal(t, "loud", a.post(at+"/pause", admin, `{"reason":"loud"}`).is(200, "").at("reason"))
	a.post(at+"/pause", alice, `{}`).is(409, "BIZ_INVALID_STATE")
	a.post(at+"/resume", alice, `{"from_now":true}`).is(200, "")
	require.Equal(t, "https://alice.example/y", a.send("PUT", prefix+at, alice, `{"url":"https://alice.example/y"}`).is(200, "").at("url"))
	require.Equal(t, "ENDED", a.send("DELETE", prefix+at, alice, "").is(200, "").at("status"))
	a.send("DELETE", prefix+at, alice, "").is(409, "BIZ_INVALID_STATE")

	a.post("/webhooks", bob, `{"url":"https://bob.example","scope":"all"}`).is(403, "AUTH_FORBIDDEN")
	require.Equal(t, "all", a.post("/webhooks", admin, `{"url":"https://ops.example","scope":"all","agent_id":"did:example:bob"}`).is(201, "").at("scope"))
	for field, body := range map[string]string{
		"url":            `{"url":"http://alice.example"}`,
		"event_types[0]": `{"url":"https://a.example","event_types":["boom"]}`,
		"agent_id":       `{"url":"https://a.example","agent_id":"did:example:bob"}`,
		"scope":          `{"url":"https://a.example","scope":"some"}`,
	} {
		r := a.post("/webhooks", alice, body).is(422, "VALIDATION_INVALID_INPUT")
		require.Equal(t, field, r.at("validation_errors", 0, "field"))
		require.NotContains(t, r.text, "alice.example", "an address is not repeated")
	}
	off := over(t, tegtest.New(t))
	off.post("/webhooks", off.token(tegtest.Fund(t, off.engine, "did:example:alice", "0")), `{"url":"https://a.example"}`).is(409, "BIZ_INVALID_STATE")
}

// What a token does not say any more the engine does not know: who is no administrator
// does nothing with a webhook of all events but end it.
func TestWebhooksOfAllEventsNeedTheRole(t *testing.T) {
	post := &runner{}
	eng := tegtest.New(t, func(c *teg.Config) { c.Courier = post })
	a := over(t, eng)
	boss := tegtest.Fund(t, eng, "did:example:boss", "10")
	admin, plain := a.token(boss, auth.Agent, auth.Admin), a.token(boss)
	id := a.post("/webhooks", admin, `{"url":"https://ops.example","scope":"all","event_types":["transfer"]}`).is(201, "").at("webhook_id").(string)
	at := "/webhooks/" + id
	tegtest.Fund(t, eng, "did:example:bob", "0")
	a.post("/token/transfer", plain, `{"receiver_agent_id":"did:example:bob","amount":"1"}`).is(200, "")
	require.NoError(t, eng.DeliverWebhooks(ctx()))
	message := a.get(at+"/deliveries", admin).is(200, "").at("deliveries", 0, "message_id").(string)
	require.Len(t, post.went, 1)
	a.post(at+"/test", plain, `{}`).is(403, "AUTH_FORBIDDEN")
	a.post(at+"/resend", plain, `{"message_id":"`+message+`"}`).is(403, "AUTH_FORBIDDEN")
	a.post(at+"/rotate-secret", plain, `{}`).is(403, "AUTH_FORBIDDEN")
	a.send("PUT", prefix+at, plain, `{"url":"https://elsewhere.example"}`).is(403, "AUTH_FORBIDDEN")
	a.post(at+"/pause", plain, `{}`).is(200, "")
	a.post(at+"/resume", plain, `{}`).is(403, "AUTH_FORBIDDEN")
	require.Len(t, post.went, 1)
	a.post(at+"/resume", admin, `{}`).is(200, "")
	a.send("DELETE", prefix+at, plain, "").is(200, "")
}
