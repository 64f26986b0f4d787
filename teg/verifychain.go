package teg

import (
	"fmt"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// chains walks every row's entries up to where the view saw it.
func (v *verification) chains() error {
	chain := chain{verification: v}
	var account ledger.AccountID
	var seq int64
	for {
		entries, err := v.engine.reader().AuditEntries(v.ctx, account, seq, auditPage)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			chain.next(entry)
		}
		if len(entries) < auditPage {
			chain.finish()
			return nil
		}
		account, seq = entries[len(entries)-1].Account, entries[len(entries)-1].Seq
	}
}

// chain follows the rows of the view and the entries side by side.
type chain struct {
	*verification
	at      int // the row whose chain is being walked
	seq     int64
	balance amount.Signed
}

func (c *chain) next(entry ledger.Entry) {
	for c.at < len(c.rows) && c.rows[c.at].ID < entry.Account {
		c.end()
	}
	if c.at == len(c.rows) || c.rows[c.at].ID != entry.Account {
		return // a row made after the view was taken
	}
	if entry.Seq > c.rows[c.at].Seq {
		return // written after the view was taken
	}
	c.report.Entries++
	after, err := c.balance.Add(entry.Amount)
	where := fmt.Sprintf("account %d, entry %d", entry.Account, entry.Seq)
	if entry.Seq != c.seq+1 {
		c.find("chain", where, "follows entry %d", c.seq)
	}
	if err != nil || after != entry.BalanceAfter {
		c.find("chain", where, "%s and %s do not make %s", c.balance, entry.Amount, entry.BalanceAfter)
	}
	if entry.Amount.IsZero() {
		c.find("legs", where, "moves nothing")
	}
	c.seq, c.balance = entry.Seq, entry.BalanceAfter
}

// end compares the row with the end of its chain and goes on to the next row.
func (c *chain) end() {
	row := c.rows[c.at]
	if row.Seq != c.seq || row.Balance != c.balance {
		c.find("balance", accountName(row.ID), "has %s AVT after %d entries, its chain ends with %s after %d",
			row.Balance, row.Seq, c.balance, c.seq)
	}
	c.at, c.seq, c.balance = c.at+1, 0, amount.Signed{}
}

func (c *chain) finish() {
	for c.at < len(c.rows) {
		c.end()
	}
}
