package teg_test

import (
	"context"

	"github.com/agentvault/teg-layer/teg"
)

// withCourier lets webhooks be told by a postman who has nowhere to go.
func withCourier(c *teg.Config) { c.Courier = &postman{} }

// webhookActs are those about webhooks.
var webhookActs = []doing{
	{name: "create a webhook", repeats: true, act: subscribe},
	{name: "create a webhook of all events", repeats: true, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.CreateWebhook(ctx, teg.CreateWebhookParams{
			DryRun: s.dry, By: s.alice, All: true, About: s.bob, URL: "https://ops.example/x", Actions: []string{"transfer"}, Description: "ops",
		})
	}},
	{name: "update a webhook", repeats: true, prepare: (*scene).subscribed, act: func(ctx context.Context, s *scene) (any, error) {
		elsewhere := "https://elsewhere.example"
		return s.eng.UpdateWebhook(ctx, teg.UpdateWebhookParams{WebhookParams: s.webhook(), URL: &elsewhere})
	}},
	{name: "pause a webhook", again: teg.ErrInvalidState, prepare: (*scene).subscribed, act: pauseWebhook},
	{name: "resume a webhook", again: teg.ErrInvalidState, prepare: (*scene).pausedWebhook, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.ResumeWebhook(ctx, teg.ResumeWebhookParams{WebhookParams: s.webhook(), FromNow: true})
	}},
	{name: "rotate a webhook's secret", repeats: true, prepare: (*scene).subscribed, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.RotateWebhookSecret(ctx, teg.RotateWebhookParams{WebhookParams: s.webhook(), Overlap: 1})
	}},
	{name: "delete a webhook", again: teg.ErrInvalidState, prepare: (*scene).subscribed, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.DeleteWebhook(ctx, s.webhook())
	}},
}

// refusedWebhooks are those that are refused.
var refusedWebhooks = []doing{
	{name: "create a webhook by one who is suspended", refusal: teg.ErrSuspended, prepare: (*scene).suspend, act: subscribe},
	{name: "pause a webhook that is paused", refusal: teg.ErrInvalidState, prepare: (*scene).pausedWebhook, act: pauseWebhook},
	{name: "pause another's webhook", refusal: teg.ErrNotFound, prepare: (*scene).subscribed, act: func(ctx context.Context, s *scene) (any, error) {
		p := s.webhook()
		p.By = s.bob
		return s.eng.PauseWebhook(ctx, p)
	}},
}

func subscribe(ctx context.Context, s *scene) (any, error) {
	return s.eng.CreateWebhook(ctx, teg.CreateWebhookParams{DryRun: s.dry, By: s.alice, URL: "https://alice.example/x"})
}

func pauseWebhook(ctx context.Context, s *scene) (any, error) {
	return s.eng.PauseWebhook(ctx, s.webhook())
}

// webhook names the scene's webhook for its owner.
func (s *scene) webhook() teg.WebhookParams {
	return teg.WebhookParams{DryRun: s.dry, By: s.alice, ID: s.hooked}
}

// subscribed has a webhook of Alice's.
func (s *scene) subscribed() error {
	r, err := s.eng.CreateWebhook(context.Background(), teg.CreateWebhookParams{By: s.alice, URL: "https://alice.example/x"})
	s.hooked = r.ID
	return err
}

func (s *scene) pausedWebhook() error {
	if err := s.subscribed(); err != nil {
		return err
	}
	_, err := s.eng.PauseWebhook(context.Background(), s.webhook())
	return err
}
