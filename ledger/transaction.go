package ledger

import (
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// TransactionType says why value moved. The zero value is invalid. The numbers
// are stored: they are never reused and only appended to.
type TransactionType uint8

// The types of transactions.
const (
	TypeTransfer TransactionType = iota + 1
	TypeSystemTransfer
	TypeIssuance
	TypeBurn
	TypeRefund
	TypeAdjustment
	TypeGrant
	TypeHold
	TypeHoldRelease
	TypeHoldCapture
	TypeStake
	TypeUnstake
	TypeUnbondingRelease
	TypeDelegationMove
	TypeRewardFunding
	TypeStakingReward
	TypeDelegationReward
	TypeValidatorCommission
	TypeSlash
	TypeAttestationReward
	TypeBond
	TypeBondReturn
	TypeBondForfeit
	TypeDisputePenalty
	TypeDisputeCompensation
	TypeGarnish
)

var transactionTypeNames = [...]string{
	TypeTransfer: "transfer", TypeSystemTransfer: "system_transfer", TypeIssuance: "issuance", TypeBurn: "burn",
	TypeRefund: "refund", TypeAdjustment: "adjustment", TypeGrant: "grant", TypeHold: "hold",
	TypeHoldRelease: "hold_release", TypeHoldCapture: "hold_capture", TypeStake: "stake", TypeUnstake: "unstake",
	TypeUnbondingRelease: "unbonding_release", TypeDelegationMove: "delegation_move", TypeRewardFunding: "reward_funding",
	TypeStakingReward: "staking_reward", TypeDelegationReward: "delegation_reward",
	TypeValidatorCommission: "validator_commission", TypeSlash: "slash", TypeAttestationReward: "attestation_reward",
	TypeBond: "bond", TypeBondReturn: "bond_return", TypeBondForfeit: "bond_forfeit",
	TypeDisputePenalty: "dispute_penalty", TypeDisputeCompensation: "dispute_compensation", TypeGarnish: "garnish",
}

// Valid reports whether the type is one of those above.
func (t TransactionType) Valid() bool { return t >= TypeTransfer && t <= TypeGarnish }

// Payment reports whether agents pay each other by it.
func (t TransactionType) Payment() bool { return t == TypeTransfer || t == TypeHoldCapture }

// String is the stable text form, such as "system_transfer".
func (t TransactionType) String() string {
	if !t.Valid() {
		return "invalid"
	}
	return transactionTypeNames[t]
}

// ParseTransactionType reads the text form.
func ParseTransactionType(text string) (TransactionType, error) {
	for t := TypeTransfer; t.Valid(); t++ {
		if transactionTypeNames[t] == text {
			return t, nil
		}
	}
	return 0, Invalid("transaction_type", "unknown transaction type %q", text)
}

// Leg is one account's part of a posting: what it gains, or loses when
// negative.
type Leg struct {
	Account AccountID
	Amount  amount.Signed
}

// Posting proposes a transaction. Rules return postings; only [Book.Post]
// carries one out.
type Posting struct {
	Type     TransactionType
	Sender   AccountID // the row that pays; issuance for an issuance
	Receiver AccountID // the row that is paid
	Amount   amount.Amount
	Fee      amount.Amount // on top of the amount, paid by the sender
	Legs     []Leg
	Notes    Notes
}

// Notes is what a transaction says besides moving value.
type Notes struct {
	Message     string // private words to the receiver; can be erased, unlike the rest
	Reason      string // purpose of a system transfer, reason of an administrative act
	ReferenceID string // id of what it belongs to: the original of a refund, the hold of a capture
	Reference   string // the client's lasting reference
}

// Entry is a leg as it was written: with its place in the account's chain and
// the balance after it.
type Entry struct {
	Transaction  TransactionID
	Leg          int // 0, 1, 2 … within the transaction
	Account      AccountID
	Seq          int64
	Amount       amount.Signed
	BalanceAfter amount.Signed
}

// Transaction is a posting that was carried out. It is never changed or
// deleted; a mistake is corrected by another that names it.
type Transaction struct {
	ID          TransactionID
	Type        TransactionType
	Sender      AccountID
	SenderSeq   int64 // the sender's row had this seq after the transaction
	Receiver    AccountID
	ReceiverSeq int64
	Amount      amount.Amount
	Fee         amount.Amount
	Notes       Notes
	At          time.Time
	Entries     []Entry // filled where a caller asks for them
}
