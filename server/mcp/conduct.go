package mcp

import (
	"cmp"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/server/client"
)

type reputationIn struct {
	Agent string `json:"agent" jsonschema:"a DID"`
}

type reputation struct {
	Agent        string   `json:"agent"`
	Score        int      `json:"score"`
	Tier         string   `json:"tier"`
	Transactions int64    `json:"transactions"`
	Praise       int64    `json:"praise"`
	Complaints   int64    `json:"complaints"`
	Percentile   float64  `json:"percentile" jsonschema:"how many percent of all agents have a lower score"`
	Trust        *float64 `json:"trust,omitempty" jsonschema:"how far it is trusted, by who praised and who complained of whom; none without"`
}

type attestIn struct {
	Type    string         `json:"type" jsonschema:"what is attested: the type that a policy names"`
	Data    map[string]any `json:"data" jsonschema:"what is attested, as the policy asks"`
	Pointer string         `json:"storage_pointer,omitempty" jsonschema:"where the evidence lies, such as ipfs://CID"`
	Key     string         `json:"idempotency_key,omitempty"`
}

type attested struct {
	SubmissionID string `json:"submission_id"`
	Status       string `json:"status"`
	Policy       string `json:"policy"`
	Reward       string `json:"reward" jsonschema:"in AVT"`
	Key          string `json:"idempotency_key"`
	Replayed     bool   `json:"replayed"`
}

type disputeIn struct {
	Defendant   string `json:"defendant" jsonschema:"the DID of the agent that did not do what was agreed"`
	Transaction string `json:"transaction_id" jsonschema:"the payment or hold that it is about"`
	Reason      string `json:"reason_code" jsonschema:"such as NOT_DELIVERED"`
	Description string `json:"description"`
	Evidence    string `json:"evidence_pointer,omitempty" jsonschema:"where evidence lies, such as ipfs://CID"`
	Key         string `json:"idempotency_key,omitempty"`
}

type disputed struct {
	DisputeID string `json:"dispute_id"`
	Status    string `json:"status"`
	Fee       string `json:"fee" jsonschema:"what filing it cost, in AVT"`
	Bond      string `json:"bond" jsonschema:"what is set aside, and lost if the claim is frivolous, in AVT"`
	Key       string `json:"idempotency_key"`
	Replayed  bool   `json:"replayed"`
}

// addConduct adds the tools about what agents did.
func (w *wallet) addConduct() {
	add(w, tool{name: "reputation", title: "Reputation of an agent", description: "How an agent has behaved so far. Ask before you pay somebody whom you do not know."},
		func(c *calling, in reputationIn) (reputation, error) {
			agent, err := agentIn("agent", in.Agent)
			if err != nil {
				return reputation{}, err
			}
			r, err := c.GetReputation(c.ctx, agent)
			if err != nil {
				return reputation{}, err
			}
			return reputation{
				r.AgentID.String(), r.ReputationScore, string(r.ReputationTier), r.TotalTransactions, r.PositiveSignals, r.NegativeSignals, r.Percentile, r.TrustScore,
			}, nil
		})
	add(w, tool{name: "attest", title: "Attest something", acts: true, description: "Hands in an attestation of what the agent has done. False ones cost reputation."}, attest)
	add(w, tool{name: "dispute", title: "File a dispute", acts: true,
		description: "Disputes a payment or hold of the agent's. It costs a fee, and a bond that comes back unless the claim is frivolous."}, dispute)
}

func attest(c *calling, in attestIn) (attested, error) {
	request := client.AttestationRequest{AttestationType: in.Type, AttestationData: in.Data, StoragePointer: in.Pointer}
	if in.Data == nil {
		return attested{}, &inputError{"data", "must be an object"}
	}
	var out attested
	key, err := c.once("attest", in, in.Key, func(key string) error {
		var came client.Answer
		a, err := c.SubmitAttestation(c.ctx, request, append(c.options(key), client.Record(&came))...)
		if err == nil {
			out = attested{SubmissionID: string(a.SubmissionID), Status: string(a.Status), Policy: a.PolicyCode, Reward: a.RewardAmount.String(), Replayed: repeated(&came)}
		}
		return err
	})
	out.Key = key
	return out, err
}

func dispute(c *calling, in disputeIn) (disputed, error) {
	defendant, err := agentIn("defendant", in.Defendant)
	if err != nil {
		return disputed{}, err
	}
	request := client.DisputeRequest{
		DefendantAgentID: defendant, TransactionID: client.TransactionID(in.Transaction), ReasonCode: in.Reason, BriefDescription: in.Description, EvidencePointer: in.Evidence,
	}
	var out disputed
	key, err := c.once("dispute", in, in.Key, func(key string) error {
		cost, err := c.disputeCost(key, request)
		if err != nil {
			return err
		}
		return c.wallet.spending.pay(c, "dispute", key, amount.Amount{}, cost, func() (bool, error) {
			var came client.Answer
			d, err := c.FileDispute(c.ctx, request, append(c.options(key), client.Record(&came))...)
			if err == nil {
				out = disputed{
					DisputeID: string(d.DisputeID), Status: string(d.Status), Fee: d.FeeAmount.String(), Bond: d.BondAmount.String(), Replayed: repeated(&came),
				}
			}
			return out.Replayed, err
		})
	})
	out.Key = key
	return out, err
}

// disputeCost is the fee and the bond of a dispute, where this wallet has to know them. The
// server tells what they would be.
func (c *calling) disputeCost(key string, request client.DisputeRequest) (amount.Amount, error) {
	if c.wallet.spending.all.IsZero() {
		return amount.Amount{}, nil
	}
	foreseen := &calling{Client: c.Client, dry: cmp.Or(c.dry, new(client.Explanation))}
	d, err := c.FileDispute(c.ctx, request, foreseen.options(key)...)
	if err != nil {
		return amount.Amount{}, err
	}
	return d.FeeAmount.Add(d.BondAmount)
}
