package mcp

// nothing are the arguments of a tool that takes none.
type nothing struct{}

type identity struct {
	Agent        string `json:"agent" jsonschema:"the DID that the tools act as"`
	Status       string `json:"status" jsonschema:"active, suspended or deactivated"`
	Reputation   int    `json:"reputation"`
	Tier         string `json:"tier"`
	MaxPayment   string `json:"max_payment,omitempty" jsonschema:"the largest payment or hold that this wallet makes, in AVT; none without"`
	MaxTotal     string `json:"max_total,omitempty" jsonschema:"what this wallet spends at most, in AVT; none without"`
	LeftOfTotal  string `json:"left_of_total,omitempty"`
	RegisteredAt string `json:"registered_at"`
}

type balance struct {
	Available string `json:"available" jsonschema:"what can be spent, in AVT"`
	Locked    string `json:"locked" jsonschema:"set aside in holds and for creditors"`
	Staked    string `json:"staked"`
	Total     string `json:"total"`
}

// addIdentity adds the tools about the agent itself.
func (w *wallet) addIdentity() {
	add(w, tool{name: "who_am_i", title: "Who am I", description: "The agent that these tools act as, its standing, and the bounds of this wallet."},
		func(c *calling, _ nothing) (identity, error) {
			p, err := c.GetProfile(c.ctx)
			if err != nil {
				return identity{}, err
			}
			each, all, left := w.spending.bounds()
			return identity{
				Agent: p.AgentID.String(), Status: string(p.AccountStatus), Reputation: p.ReputationScore, Tier: string(p.ReputationTier),
				MaxPayment: each, MaxTotal: all, LeftOfTotal: left, RegisteredAt: stamp(p.CreatedAt),
			}, nil
		})
	add(w, tool{name: "balance", title: "Balance", description: "What the agent has, in AVT."},
		func(c *calling, _ nothing) (balance, error) {
			b, err := c.GetBalance(c.ctx)
			if err != nil {
				return balance{}, err
			}
			return balance{b.Balance.String(), b.LockedBalance.String(), b.StakedBalance.String(), b.TotalBalance.String()}, nil
		})
}
