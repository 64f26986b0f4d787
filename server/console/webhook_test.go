package console_test

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
)

// courier carries messages nowhere, and says that they arrived.
type courier struct{ carried atomic.Int64 }

func (c *courier) CheckURL(address string) error {
	if !strings.HasPrefix(address, "https://") {
		return errors.New("must begin with https://")
	}
	return nil
}

func (c *courier) Secret(teg.WebhookID, int64) string {
	return "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
}

func (c *courier) Deliver(context.Context, teg.Parcel) (teg.Reply, error) {
	c.carried.Add(1)
	return teg.Reply{Status: 204}, nil
}

// A webhook is made, with its secret shown once, looked at, tested, paused and ended.
func TestWebhooks(t *testing.T) {
	eachStand(t, func(s *stand) {
		b, admin := s.loggedIn(s.bob), s.loggedIn(s.alice, auth.Admin)
		made := b.done("webhook-make", url.Values{"url": {"https://bob.example/x?k=1"}, "event_types": {"transfer\nhold"}, "description": {"<script>alert(1)"}})
		b.shows(made, "whsec_")
		id := regexp.MustCompile(`wh_[0-9a-f]{32}`).FindString(made.text)
		b.shows(b.get("/console/webhooks"), "https://bob.example/x?k=1", "transfer")
		path := "/console/webhooks/" + id
		require.NoError(s.t, s.engine.DeliverWebhooks(t.Context()))
		b.done("webhook-test", url.Values{"webhook_id": {id}, "note": {"hi"}})
		r := b.get(path)
		b.shows(r, "webhook.test", "delivered", "204")
		require.NotContains(s.t, r.text, "acts/webhook-resend", "a test is not sent again")
		_, err := s.engine.Transfer(t.Context(), teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("1")})
		require.NoError(s.t, err)
		require.NoError(s.t, s.engine.DeliverWebhooks(t.Context()))
		r = b.get(path)
		b.shows(r, "acts/webhook-resend")
		require.NotContains(s.t, r.text, "whsec_", "it was shown once")
		require.NotContains(s.t, r.text, "<script>alert")
		b.shows(b.get(path+"?state=FAILED"), "None.")
		admin.shows(admin.get("/console/webhooks?everyone=true"), "https://bob.example")
		r = admin.get(path)
		admin.shows(r, "Pause it", "End it")
		require.NotContains(s.t, r.text, "k=1", "only its owner sees all of the address")
		require.NotContains(s.t, r.text, "Make another secret")
		admin.done("webhook-pause", url.Values{"webhook_id": {id}, "reason": {"too loud"}})
		b.shows(b.get(path), "paused", "too loud", "Resume it")
		b.done("webhook-resume", url.Values{"webhook_id": {id}})
		b.shows(b.done("webhook-rotate", url.Values{"webhook_id": {id}, "overlap_hours": {"2"}}), "whsec_")
		b.done("webhook-change", url.Values{"webhook_id": {id}, "url": {"https://bob.example/y"}})
		b.shows(b.get(path), "https://bob.example/y")
		b.done("webhook-end", url.Values{"webhook_id": {id}})
		b.shows(b.get(path), "ended")
		b.shows(b.get("/console/webhooks"), "None.")
		require.Equal(s.t, 404, s.loggedIn(teg.Agent("did:example:carol")).get(path).status)
		b.shows(admin.get("/console/webhooks?agent_id=nobody"), "that is no DID")
	})
}
