package amount_test

import (
	"testing"

	"github.com/agentvault/teg-layer/ledger/amount"
)

const long = "123456789012345678.123456789012345678"

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := amount.Parse(long); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendText(b *testing.B) {
	a, buf := amount.MustParse(long), make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = a.AppendText(buf[:0])
	}
}

func BenchmarkMulDiv(b *testing.B) {
	a := amount.MustParse(long)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.MulDiv(a, amount.Max); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRateOf(b *testing.B) {
	a, r := amount.MustParse(long), amount.Fraction("0.025")
	b.ReportAllocs()
	for b.Loop() {
		r.Of(a)
	}
}
