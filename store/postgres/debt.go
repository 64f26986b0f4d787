package postgres

import (
	"fmt"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

var (
	debts = keep(&bunstore.Debts)

	// findDebts reads what was committed before the debtors' rows were locked.
	findDebts = statement{"find_debts", `SELECT ` + bunstore.Debts.Columns() + ` FROM unnest($1::bigint[]) AS of (who)
		CROSS JOIN LATERAL (SELECT * FROM debts WHERE debtor = who AND live ORDER BY id LIMIT ` + fmt.Sprint(ledger.MaxDebtsPaid) + `) AS oldest`}
)

// debtCalls write who owes whom.
func debtCalls(c *store.Changes) (calls []call) {
	calls = debts.insertCall(calls, c.Debts.Made)
	return debts.changeCall(calls, c.Debts.Paid)
}
