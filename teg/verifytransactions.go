package teg

import (
	"cmp"
	"crypto/sha256"
	"slices"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// transactions checks that the legs of each sum to zero and say what the
// transaction says.
func (v *verification) transactions() error {
	for {
		page, err := v.engine.reader().AuditTransactions(v.ctx, v.last, auditPage)
		if err != nil {
			return err
		}
		for i := range page {
			v.transaction(&page[i])
		}
		if len(page) < auditPage {
			return nil
		}
	}
}

func (v *verification) transaction(tx *ledger.Transaction) {
	v.last = tx.ID
	v.report.Transactions++
	v.digest.add(ledger.ID(tx.ID))
	v.jurorMoney(tx)
	var total amount.Signed
	var err error
	for i, entry := range tx.Entries {
		if total, err = total.Add(entry.Amount); err != nil || entry.Leg != i {
			v.find("legs", tx.ID.String(), "leg %d is out of order or overflows", entry.Leg)
		}
	}
	if !total.IsZero() || len(tx.Entries) < 2 {
		v.find("legs", tx.ID.String(), "%d legs sum to %s AVT", len(tx.Entries), total)
	}
	v.legs(tx)
	v.keepPayment(tx)
	v.rewardPaid(tx)
	if v.fees, err = v.fees.Add(tx.Fee.Signed()); err != nil {
		v.find("fees", tx.ID.String(), "the sum of all fees overflows")
	}
	v.tallyDebits(tx)
}

// tallyDebits adds up what system accounts lost by a transaction, over all of their rows.
func (v *verification) tallyDebits(tx *ledger.Transaction) {
	var nets [ledger.Rewards + 1]amount.Signed
	for _, entry := range tx.Entries {
		kind := v.kindOf(entry.Account)
		if !kind.System() {
			continue
		}
		net, err := nets[kind].Add(entry.Amount)
		if err != nil {
			return // which the legs tell
		}
		nets[kind] = net
	}
	for i, net := range nets {
		kind := ledger.Kind(i)
		if net.Sign() >= 0 {
			continue
		}
		sum, err := v.debited[kind].Sub(net)
		if err != nil {
			v.find("tally", tx.ID.String(), "what was ever paid by the %s overflows", kind)
			return
		}
		v.debited[kind] = sum
	}
}

// legs checks the two ends of a transaction: what the payer lost is amount and fee, and
// what the receiver got is the amount.
func (v *verification) legs(tx *ledger.Transaction) {
	paid, err := tx.Amount.Add(tx.Fee)
	if err != nil {
		v.find("legs", tx.ID.String(), "amount and fee overflow")
		return
	}
	v.end(tx, "payer", tx.Sender, tx.SenderSeq, amount.Neg(paid))
	v.end(tx, "receiver", tx.Receiver, tx.ReceiverSeq, tx.Amount.Signed())
	if tx.Type == ledger.TypeTransfer {
		v.paid.add(sumsDigest(tx.ID, textOf(tx.Amount), textOf(tx.Fee)))
	}
}

// end checks one end of a transaction: an agent's at the place in its chain that the
// transaction names, and a system account's over all of its rows, of which any may have paid;
// but row by row where it gathers on one what lay on another.
func (v *verification) end(tx *ledger.Transaction, who string, account ledger.AccountID, seq int64, moved amount.Signed) {
	if kind := v.kindOf(account); kind.System() && v.kindOf(tx.Sender) != v.kindOf(tx.Receiver) {
		v.systemEnd(tx, who, kind, moved)
		return
	}
	for _, entry := range tx.Entries {
		if entry.Account == account && entry.Seq == seq {
			if entry.Amount != moved {
				v.find("legs", tx.ID.String(), "the %s's leg moves %s instead of %s", who, entry.Amount, moved)
			}
			return
		}
	}
	v.find("legs", tx.ID.String(), "has no leg for its %s, account %d, entry %d", who, account, seq)
}

func (v *verification) systemEnd(tx *ledger.Transaction, who string, kind ledger.Kind, moved amount.Signed) {
	var net amount.Signed
	var err error
	for _, entry := range tx.Entries {
		if v.kindOf(entry.Account) == kind && err == nil {
			net, err = net.Add(entry.Amount)
		}
	}
	if err != nil || net != moved {
		v.find("legs", tx.ID.String(), "the %s's legs move %s instead of %s", who, net, moved)
	}
}

// kindOf is the kind of a row of the view; 0 for one that was made after it was taken.
func (v *verification) kindOf(account ledger.AccountID) ledger.Kind {
	at, found := slices.BinarySearchFunc(v.rows, account, func(row ledger.Account, id ledger.AccountID) int { return cmp.Compare(row.ID, id) })
	if !found {
		return 0
	}
	return v.rows[at].Kind
}

// textOf is an amount as events write it, which leave zero out.
func textOf(a Amount) string {
	if a.IsZero() {
		return ""
	}
	return a.String()
}

// sumsDigest stands for what a transfer says that it moved.
func sumsDigest(id TransactionID, paid, fee string) ledger.ID {
	hash := sha256.Sum256([]byte(id.String() + " " + paid + " " + fee))
	return ledger.ID(hash[:16])
}
