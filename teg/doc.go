// Package teg is the engine: what the parties of an economy of agents can do,
// and what can be asked about it.
//
//	st, err := sqlite.Open(ctx, "teg.db")
//	err = st.Migrate(ctx)
//	eng, err := teg.New(ctx, st, teg.Config{})
//	rcpt, err := eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("50"), Key: "order-17"})
//
// # Verbs and questions
//
// Every verb takes a struct and returns a receipt: [Engine.Transfer],
// [Engine.TransferToSystem], [Engine.TransferBatch], [Engine.Refund];
// [Engine.Hold], [Engine.Capture], [Engine.Void]; [Engine.Issue], [Engine.Burn],
// [Engine.Adjust]; [Engine.RegisterAgent], [Engine.SuspendAgent],
// [Engine.ReactivateAgent], [Engine.DeactivateAgent]. With DryRun it answers
// what the real call would, and changes nothing.
//
// Questions change nothing: [Engine.Balance], [Engine.BalanceAt],
// [Engine.Operation], [Engine.Transaction], [Engine.Transactions],
// [Engine.AllTransactions], [Engine.Holds], [Engine.Profile], [Engine.Supply],
// [Engine.Treasury], [Engine.CalculateFee], [Engine.AuditLog], and
// [Engine.Verify], which proves the books from their entries.
//
// # Amounts
//
// Amounts are exact: whole numbers of 10^-18 AVT, up to 36 digits. What would
// round is a fee's percentage, which rounds down. Nothing goes through a float.
//
// # Keys and references
//
// Under a Key, an operation happens once: the same request again gets the first
// answer, whatever happened since, and another request under the same key is
// [ErrKeyReused]. A definite refusal (its code begins with BIZ_) is remembered
// like a success, so that a late duplicate can never go through after its sender
// gave up. Keys belong to caller and verb, and are kept for at least
// Config.IdempotencyTTL. A Reference is unique for ever, and can be searched.
//
// # Errors
//
// Every error wraps one sentinel, to be matched with errors.Is, and has one code
// ([CodeOf]), the same over HTTP. Some carry detail: [InsufficientBalanceError],
// [SuspendedError], [BatchError], [Refusal] with the field it is about. An error
// changed nothing, with one exception: after [ErrOutcomeUnknown] the same key
// tells.
//
// # Groups
//
// Operations that wait at the same moment are committed together, in one
// transaction: decided in memory one after the other under the locks of all
// their rows, and written with a few statements. Nobody waits for a group to
// fill, and one refused operation does not concern the others. An answer means
// that the commit is durable.
//
// # Time
//
// Expired holds count as released at once, in balances and in what can be spent,
// and are written when their payer next does something or by [Engine.Tick].
// [Engine.Run] ticks every second; nothing else runs in the background.
//
// # Events
//
// Every act writes one event in its own commit, in canonical form, at a dense
// position in commit order. Messages are not part of it: the event holds a salted
// digest, so that the words can be erased and the log stays whole.
//
// # The host's transaction
//
// [Engine.Using] runs the same verbs inside a transaction of yours.
package teg
