package amount_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/agentvault/teg-layer/ledger/amount"
)

func Example() {
	balance := amount.MustParse("1000.50")
	price := amount.MustParse("50")
	fee := amount.Fraction("0.025").Of(price)

	total, err := price.Add(fee)
	if err != nil {
		fmt.Println(err)
		return
	}
	rest, err := balance.Sub(total)
	fmt.Println(total, rest, err)
	// Output: 51.25 949.25 <nil>
}

func ExampleParse() {
	a, err := amount.Parse("1000.50")
	fmt.Println(a, err)
	_, err = amount.Parse("1e3")
	fmt.Println(errors.Is(err, amount.ErrSyntax))
	// Output:
	// 1000.5 <nil>
	// true
}

func ExampleAmount_Sub() {
	_, err := amount.MustParse("10").Sub(amount.MustParse("10.000000000000000001"))
	fmt.Println(errors.Is(err, amount.ErrNegative))
	// Output: true
}

func ExampleAmount_MulDiv() {
	pool := amount.MustParse("100")
	mine, all := amount.MustParse("1"), amount.MustParse("3")
	share, err := pool.MulDiv(mine, all)
	fmt.Println(share, err)
	// Output: 33.333333333333333333 <nil>
}

func ExampleAmount_UnmarshalJSON() {
	var order struct {
		Price amount.Amount `json:"price"`
	}
	fmt.Println(json.Unmarshal([]byte(`{"price": 0.100000000000000001}`), &order))
	out, err := json.Marshal(order)
	fmt.Println(string(out), err)
	// Output:
	// <nil>
	// {"price":"0.100000000000000001"} <nil>
}

func ExampleSigned() {
	sum, err := amount.Neg(amount.MustParse("50.001")).Add(amount.Pos(amount.MustParse("50")))
	fmt.Println(sum, sum.Sign(), err)
	// Output: -0.001 -1 <nil>
}

func ExampleRate_Of() {
	rate, err := amount.ParsePercent("2.5")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rate, rate.FractionString(), rate.Of(amount.MustParse("0.000000000000000099")))
	// Output: 2.5% 0.025 0.000000000000000002
}
