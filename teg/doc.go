// Package teg is the engine: what the parties of an economy of agents can do,
// and what can be asked about it.
//
//	st, err := sqlite.Open(ctx, "teg.db") // or postgres.Open(ctx, url)
//	err = st.Migrate(ctx)
//	eng, err := teg.New(ctx, st, teg.Config{})
//	rcpt, err := eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("50"), Key: "order-17"})
//
// # Verbs and questions
//
// Every verb takes a struct and returns a receipt: [Engine.Transfer],
// [Engine.TransferToSystem], [Engine.TransferBatch], [Engine.Refund];
// [Engine.Hold], [Engine.Capture], [Engine.Void]; [Engine.Issue], [Engine.Burn],
// [Engine.Adjust]; [Engine.Stake], [Engine.Unstake], [Engine.Delegate],
// [Engine.Undelegate], [Engine.ClaimRewards], [Engine.RunRewardCycle],
// [Engine.Slash]; [Engine.Signal], [Engine.ReportOutcome]; [Engine.RaiseFlag],
// [Engine.UpdateFlag], [Engine.UpdateFlags], [Engine.EscalateFlag],
// [Engine.SetRules]; [Engine.PutPolicy], [Engine.DeactivatePolicy];
// [Engine.RegisterAgent], [Engine.SuspendAgent],
// [Engine.ReactivateAgent], [Engine.DeactivateAgent]. With DryRun it answers
// what the real call would, and changes nothing.
//
// Questions change nothing: [Engine.Balance], [Engine.BalanceAt],
// [Engine.Operation], [Engine.Transaction], [Engine.Transactions],
// [Engine.AllTransactions], [Engine.Holds], [Engine.Stakes],
// [Engine.Delegations], [Engine.Validator], [Engine.Profile],
// [Engine.Reputation], [Engine.ReputationHistory], [Engine.Rankings],
// [Engine.Trust], [Engine.Flags], [Engine.Flag], [Engine.FlagHistory],
// [Engine.Rules], [Engine.TryRules], [Engine.AuditorStats], [Engine.Supply],
// [Engine.Policies], [Engine.Policy], [Engine.TermsInForce],
// [Engine.LatestTerms], [Engine.TermsAt], [Engine.Treasury], [Engine.CalculateFee], [Engine.AuditLog], and
// [Engine.Verify], which proves the books from their entries.
//
// # What is promised of a verb
//
// It is atomic: value, fee, balances, the event and what the key remembers are
// committed together, or nothing is. A receipt means that the commit is durable.
//
// It is idempotent under a Key: however often and wherever the same request is
// sent, it happens at most once, and everybody gets the first answer.
//
// It is ordered: what was answered is seen by everything that begins afterwards,
// on every server of the same database. Operations that are under way at the same
// time and meet at an account are decided one after the other; the account's
// entries are numbered in that order, each with the balance after it.
//
// # Amounts
//
// Amounts are exact: whole numbers of 10^-18 AVT, up to 36 digits. What would
// round is a fee's percentage, which rounds down. Nothing goes through a float.
//
// # Keys and references
//
// A key is sent again when an answer was lost: the same request gets the first
// answer, with Replayed set, whatever happened since (unless its sender is
// suspended: [ErrSuspended]), and another request under the same key is
// [ErrKeyReused]. A definite refusal (its code begins with BIZ_)
// is remembered like a success, so that a late duplicate can never go through
// after its sender gave up; [Replayed] tells that a refusal is an old one. Keys
// belong to caller and verb, and are kept for at least Config.IdempotencyTTL.
// [Engine.Operation] tells what became of one.
//
// A Reference is the payment's name in the caller's own books, such as an
// invoice's number: unique for ever per caller and verb, and searchable.
//
// # Errors
//
// Every error of a verb or question wraps one sentinel, to be matched with
// errors.Is, and has one code ([CodeOf]), the same over HTTP. Some carry detail,
// to be had with errors.As: [InsufficientBalanceError], [SuspendedError],
// [BatchError], [Refusal] with the field it is about.
//
// An error changed nothing but the memory of a refusal, with one exception:
// [ErrOutcomeUnknown], for a commit whose answer was lost and could not be learnt,
// and for a caller whose context ended while the operation was being carried
// out. Send it again under the same key, which resolves it. A context that ends
// earlier withdraws the operation: [ErrUnavailable].
//
// # Groups
//
// Operations that wait at the same moment are committed together, in one
// transaction: decided in memory one after the other under the locks of all
// their rows, and written with a few statements. Nobody waits for a group to
// fill, and one refused operation does not concern the others. So many callers
// at once are fast, and callers should ask at once instead of taking turns. Where
// more wait than Config.MaxWaiting, callers get [ErrOverloaded] at once.
//
// # Holds
//
// [Engine.Hold] sets an amount and its fee aside for a receiver: it leaves the
// payer's available balance for the locked one, and cannot be spent otherwise.
// Then [Engine.Capture] by the payer pays all or a part of it, and the rest is
// free again; [Engine.Void] frees everything; or its term ends, 7 days unless
// another is given, which frees it too. A hold ends once, in one of these ways.
//
// # Stakes
//
// [Engine.Stake] moves value into a stake, which takes part in reward cycles:
// each distributes a share of all earning value over it, and costs the same
// however many stakes there are. A part of a stake can be delegated to a
// validator, who keeps a share of what it earns; [Engine.Slash] takes from a
// validator and from what is delegated to it. Rewards are due from the moment of
// the cycle and are paid by [Engine.ClaimRewards], with [Engine.Unstake], or, for
// a stake that compounds, into the stake by [Engine.Tick]. Cycles are run by
// [Engine.RunRewardCycle], or with Config.RewardInterval by themselves, before
// anything later happens to a stake. Package staking documents how rewards are
// computed.
//
// # Conduct
//
// Who paid may say once whether it was content, by [Engine.Signal], and how a
// service over AVTP ended is told by [Engine.ReportOutcome]; both change scores, by
// events that [Engine.ReputationHistory] lists. A score counts; [Engine.Trust] weighs
// who says so. Trust is made of the signals in the log when somebody asks, at most
// once a second, and the first question in a process reads all of them. Within a
// host's transaction it is what the engine knew last. Package reputation documents
// both.
//
// # The auditor
//
// [Engine.RunAuditor] lets the rules of package auditor read the log as it grows, beside
// everything else and in nobody's way; what they find becomes a flag, once for each
// rule, agent and window, whatever crashes and however many processes there are. People
// raise flags by [Engine.RaiseFlag] and work on all of them by [Engine.UpdateFlag],
// [Engine.UpdateFlags] and [Engine.EscalateFlag]. [Engine.SetRules] changes rules from that moment on;
// [Engine.TryRules] tells beforehand what they would have found.
//
// # Time
//
// The clock is read once per group and never goes back within a process. Where
// several servers share a database, their clocks may differ by a little, and the
// times of what they commit one after the other go back by as much: order is the
// position of an event and the seq of an entry, never a time. Expired holds count as
// released at once, in balances and in what can be spent, and are written when
// their payer next does something or by [Engine.Tick]; so is what waited to leave a
// stake. [Engine.Run] ticks every second; nothing else that is due by time alone
// happens unless one of the two is called. [Engine.BalanceAt] tells what an agent
// had at an earlier time.
//
// # The host's transaction
//
// [Engine.Using] runs the same verbs inside a transaction of yours, so that your
// rows and the payment are committed together or not at all. There, operations
// are decided one by one, a refusal leaves the transaction usable, and a receipt
// means nothing before your commit. On PostgreSQL the transaction must be READ
// COMMITTED, and the accounts it touched stay locked until it ends. On SQLite it
// is the one writer, and everybody else waits: keep it short.
//
// # Events
//
// Every act writes one event in its own commit, in canonical form; events are
// numbered without a gap in commit order. Messages are not part of them: an event
// holds a salted digest, so that the words can be erased and the log stays whole.
// [Engine.AuditLog] pages through them from the newest; [Engine.EventsFrom] reads them
// in order from a position, and [Engine.Follow] goes on reading under a name, where it
// stood, in one process at a time.
//
// # Proof
//
// [Engine.Verify] recomputes everything from the entries: chains and balances,
// the legs of each transaction, the supply, holds, scores, events, and what the keys
// remember. It may run beside a server. In tests of your own, package tegtest
// gives an engine that is verified when the test ends.
package teg
