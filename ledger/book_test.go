package ledger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// The rows that the tests use: two agents, and the system's.
const (
	alice ledger.AccountID = iota + 1
	bob
	aliceLocked
	treasury
	treasury0
	rewards
	issuance
)

func avt(text string) amount.Amount { return amount.MustParse(text) }

func row(id ledger.AccountID, kind ledger.Kind, balance string) ledger.Account {
	b, err := amount.ParseSigned(balance)
	if err != nil {
		panic(err)
	}
	return ledger.Account{ID: id, Kind: kind, Balance: b, Status: ledger.Active, Owner: did.MustParse("did:example:" + kind.String())}
}

func newBook(aliceHas string) *ledger.Book {
	return ledger.NewBook([]ledger.Account{
		row(alice, ledger.Available, aliceHas), row(bob, ledger.Available, "0"), row(aliceLocked, ledger.Locked, "0"),
		row(treasury, ledger.Treasury, "0"), row(treasury0, ledger.Treasury, "0"), row(rewards, ledger.Rewards, "0"),
		row(issuance, ledger.Issuance, "-1000"),
	}, ledger.Collectors{Treasury: treasury, Rewards: rewards, Issuance: issuance})
}

func legs(list ...any) []ledger.Leg {
	var out []ledger.Leg
	for i := 0; i < len(list); i += 2 {
		s, err := amount.ParseSigned(list[i+1].(string))
		if err != nil {
			panic(err)
		}
		out = append(out, ledger.Leg{Account: list[i].(ledger.AccountID), Amount: s})
	}
	return out
}

func TestPostRefusesUnsoundPostings(t *testing.T) {
	for name, list := range map[string][]ledger.Leg{
		"creates value":        legs(alice, "-1", bob, "2"),
		"destroys value":       legs(alice, "-2", bob, "1"),
		"moves nothing":        legs(alice, "-1", bob, "1", treasury, "0"),
		"touches a row twice":  legs(alice, "-2", bob, "1", bob, "1"),
		"has one leg":          legs(alice, "0"),
		"names a row unloaded": legs(alice, "-1", ledger.AccountID(99), "1"),
		"has no legs":          nil,
	} {
		t.Run(name, func(t *testing.T) {
			book := newBook("10")
			_, err := book.Post(ledger.TransactionID{1}, noon, ledger.Posting{Type: ledger.TypeTransfer, Sender: alice, Receiver: bob, Amount: avt("1"), Legs: list})
			require.ErrorIs(t, err, ledger.ErrUnsound)
			moved, altered := book.Changed()
			require.Empty(t, moved)
			require.Empty(t, altered)
			require.Empty(t, book.Posted())
		})
	}
}

func TestPostNeverGoesBelowZero(t *testing.T) {
	book := newBook("1")
	_, err := book.Post(ledger.TransactionID{1}, noon, ledger.Posting{
		Type: ledger.TypeTransfer, Sender: alice, Receiver: bob, Amount: avt("1"), Fee: avt("0.5"),
		Legs: legs(alice, "-1.5", bob, "1", treasury, "0.5"),
	})
	var short *ledger.InsufficientBalanceError
	require.ErrorAs(t, err, &short)
	require.Equal(t, ledger.InsufficientBalanceError{Available: avt("1"), Needed: avt("1.5"), Fee: avt("0.5")}, *short)
	require.Equal(t, "1", book.Account(alice).Balance.String())
}

func TestPostRefusesToPassTheLargestAmount(t *testing.T) {
	book := ledger.NewBook([]ledger.Account{
		row(alice, ledger.Available, amount.Max.String()), row(bob, ledger.Available, "1"),
		row(treasury, ledger.Treasury, "0"), row(issuance, ledger.Issuance, "0"),
	}, ledger.Collectors{Treasury: treasury})
	_, err := book.Post(ledger.TransactionID{1}, noon, ledger.Move(ledger.TypeTransfer, bob, alice, avt("1"), ledger.Notes{}))
	require.ErrorIs(t, err, ledger.ErrAboveMaximum)
	require.Equal(t, "1", book.Account(bob).Balance.String())
}

// Whatever is posted and taken back, value is conserved, chains have no gaps,
// and a reverted book is the book of before.
func TestBookConserves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		book := newBook("100")
		agents := []ledger.AccountID{alice, bob, aliceLocked, treasury0}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			mark, before := book.Mark(), balances(book)
			from, to := rapid.SampledFrom(agents).Draw(t, "from"), rapid.SampledFrom(agents).Draw(t, "to")
			sum := avt(rapid.SampledFrom([]string{"0.000000000000000001", "1", "33.3", "99.999"}).Draw(t, "sum"))
			tx, err := book.Post(ledger.TransactionID{1}, noon, ledger.Move(ledger.TypeTransfer, from, to, sum, ledger.Notes{}))
			switch {
			case from == to:
				require.ErrorIs(t, err, ledger.ErrUnsound)
			case err != nil:
				require.ErrorIs(t, err, ledger.ErrInsufficientBalance)
				require.Equal(t, before, balances(book))
			case rapid.Bool().Draw(t, "revert"):
				book.Revert(mark)
				require.Equal(t, before, balances(book))
			default:
				require.Equal(t, book.Account(from).Seq, tx.SenderSeq)
				require.Equal(t, book.Account(from).Balance, tx.Entries[0].BalanceAfter)
			}
			require.NoError(t, book.Balanced())
		}
		var total amount.Signed
		for _, b := range balances(book) {
			var err error
			total, err = total.Add(b)
			require.NoError(t, err)
		}
		require.Equal(t, "-900", total.String()) // 100 of 1,000 issued were there at the start
	})
}

func balances(book *ledger.Book) map[ledger.AccountID]amount.Signed {
	all := map[ledger.AccountID]amount.Signed{}
	for id := alice; id <= issuance; id++ {
		all[id] = book.Account(id).Balance
	}
	return all
}

// What a system account lost is counted by account, not by row: gathering its
// rows is no turnover.
func TestTallyCountsAccountsNotRows(t *testing.T) {
	book := newBook("100")
	_, err := book.Post(ledger.TransactionID{1}, noon, ledger.Move(ledger.TypeSystemTransfer, alice, treasury, avt("10"), ledger.Notes{}))
	require.NoError(t, err)
	_, err = book.Post(ledger.TransactionID{2}, noon, ledger.Posting{
		Type: ledger.TypeBurn, Sender: treasury0, Receiver: issuance, Amount: avt("4"),
		Legs: legs(treasury, "-10", treasury0, "6", issuance, "4"),
	})
	require.NoError(t, err)
	debited, err := book.Account(treasury).Tally.Debited.Add(book.Account(treasury0).Tally.Debited)
	require.NoError(t, err)
	require.Equal(t, "4", debited.String())
	require.EqualValues(t, 2, book.Account(treasury).Tally.Transactions)
}
