package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/agentvault/teg-layer/teg"
)

// SecretPrefix begins every secret, as the Standard Webhooks have it.
const SecretPrefix = "whsec_"

// secret is what signs the messages of a webhook, of a generation. Whoever has not the key
// learns nothing from one secret about another.
func (c *Courier) secret(id teg.WebhookID, generation int64) []byte {
	mac := hmac.New(sha256.New, c.config.Key)
	fmt.Fprintf(mac, "teg webhook secret\n%s\n%d", id, generation)
	return mac.Sum(nil)
}

// Secret implements [teg.Courier]: "whsec_" and base64 of 32 bytes.
func (c *Courier) Secret(id teg.WebhookID, generation int64) string {
	return SecretPrefix + base64.StdEncoding.EncodeToString(c.secret(id, generation))
}

// sign is the header with a signature for each secret that is good.
func (c *Courier) sign(p *teg.Parcel) (string, error) {
	list := make([]string, len(p.Generations))
	for i, generation := range p.Generations {
		signer, err := standard.NewWebhookRaw(c.secret(p.Webhook, generation))
		if err != nil {
			return "", err
		}
		if list[i], err = signer.Sign(p.Message.String(), p.At, p.Body); err != nil {
			return "", err
		}
	}
	return strings.Join(list, " "), nil
}
