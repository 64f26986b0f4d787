package main

import (
	"context"

	"github.com/agentvault/teg-layer/teg"
)

// govern has the admin ask for attestations, and then for better ones.
func (s *seeder) govern(ctx context.Context) error {
	name, level, reward := "Report of a delivery", teg.PolicyMandatory, teg.AVT("0.5")
	first, second := `{"data_schema": {"required": ["delivered"]}}`, `{"data_schema": {"required": ["delivered", "rating"]}, "daily_limit": 20}`
	return s.take(ctx, step{devAdmin, "put_policy", func() error {
		made, err := s.PutPolicy(ctx, teg.PutPolicyParams{
			By: devAdmin, Code: "delivery-report", Type: teg.PolicyAttestation,
			PolicyEdit: teg.PolicyEdit{Name: &name, Level: &level, Reward: &reward, Parameters: &first},
		})
		if err == nil {
			_, err = s.PutPolicy(ctx, teg.PutPolicyParams{By: devAdmin, ID: made.ID, PolicyEdit: teg.PolicyEdit{Parameters: &second}})
		}
		return err
	}})
}

// hold sets something aside, and hands an attestation in.
func (s *seeder) hold(ctx context.Context) error {
	frank, grace := devTraders[2], devTraders[5]
	return s.take(ctx,
		step{frank, "hold", func() error {
			_, err := s.Hold(ctx, teg.HoldParams{From: frank, To: grace, Amount: teg.AVT("12"), Purpose: "a report, on delivery"})
			return err
		}},
		step{grace, "attest", func() error {
			_, err := s.Attest(ctx, teg.AttestParams{By: grace, Type: "delivery-report", Data: []byte(`{"delivered": 3, "rating": 5}`)})
			return err
		}},
	)
}

// dispute has a buyer dispute a trade, and the seller answer.
func (s *seeder) dispute(ctx context.Context) error {
	erin, mallory := devTraders[1], devTraders[7]
	paid, err := s.payOnce(ctx, teg.TransferParams{
		From: erin, To: mallory, Amount: teg.AVT("18.4"), Message: "labels for two thousand pictures", Reference: "teg-dev:disputed",
	})
	if err != nil {
		return err
	}
	return s.take(ctx,
		step{erin, "raise_dispute", func() error {
			_, err := s.RaiseDispute(ctx, teg.RaiseDisputeParams{
				By: erin, Defendant: mallory, TransactionID: paid, Reason: "NOT_AS_AGREED", Category: "delivery",
				Description: "Two thousand pictures were paid for, and labels of eight hundred came.",
			})
			return err
		}},
		step{mallory, "respond_to_dispute", func() error {
			filed, err := s.latestDispute(ctx, mallory)
			if err != nil {
				return err
			}
			_, err = s.RespondToDispute(ctx, teg.ResponseParams{By: mallory, DisputeID: filed, Response: "The rest of the pictures could not be opened."})
			return err
		}},
		step{devArbitrator, "advance_dispute", func() error {
			filed, err := s.latestDispute(ctx, mallory)
			if err != nil {
				return err
			}
			_, err = s.AdvanceDispute(ctx, teg.AdvanceDisputeParams{By: devArbitrator, DisputeID: filed, Status: teg.DisputeUnderReview, Note: "Both sides are heard."})
			return err
		}},
	)
}

// latestDispute is the last one that an agent is a party to.
func (s *seeder) latestDispute(ctx context.Context, of teg.DID) (teg.DisputeID, error) {
	page, err := s.Disputes(ctx, teg.DisputesQuery{Party: of, Limit: 1})
	if err != nil || len(page.Disputes) == 0 {
		return teg.DisputeID{}, err
	}
	return page.Disputes[0].ID, nil
}

// flags has the auditor point at somebody, so that there is something to review.
func (s *seeder) flags(ctx context.Context) error {
	return s.take(ctx, step{devAuditor, "raise_flag", func() error {
		page, err := s.Transactions(ctx, teg.TransactionsQuery{Agent: devCarol, Limit: 3})
		if err != nil {
			return err
		}
		flag := teg.RaiseFlagParams{
			By: devAuditor, Agent: devCarol, Code: "PRICE_TOO_GOOD", Severity: teg.SeverityLow,
			Reason: "asks a quarter of what others ask for a search; see what it delivers",
		}
		for i := range page.Transactions {
			if page.Transactions[i].Type == teg.TypeTransfer {
				flag.Transactions = append(flag.Transactions, page.Transactions[i].ID)
			}
		}
		_, err = s.RaiseFlag(ctx, flag)
		return err
	}})
}
