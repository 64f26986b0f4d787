// Package webhook carries what webhooks are told to their receivers: it is the
// [teg.Courier] that speaks HTTP.
//
//	courier, err := webhook.New(webhook.Config{Key: key})
//	eng, err := teg.New(ctx, st, teg.Config{Courier: courier})
//
// Messages are signed as the Standard Webhooks have it (standardwebhooks.com), so that
// receivers check them with a library for their language. The secrets follow from one key
// and the webhook's id, so that no database and no backup of one holds them.
//
// Who owns a webhook names the address, and is not trusted with it: no private, loopback or
// otherwise special address is dialled unless that is allowed, whatever a name resolves to;
// redirects are not followed; no proxy is used; of answers no more is read than a little,
// and nothing of them is passed on but their status.
package webhook
